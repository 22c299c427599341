"""The numbers that limit an arm."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_robot.arm_driver import MotionCode
from vjepa2_robot.limits import Limits
from vjepa2_robot.poses import apply_delta, rotation_angle
from vjepa2_robot.refusal import RefusalError


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("workspace_lower", (0.8, 0.0, 0.0)),
        ("workspace_upper", (float("nan"), 0.4, 0.7)),
        ("max_translation", 0.0),
        ("max_translation", float("inf")),
        ("max_rotation", 4.0),
        ("max_gripper_change", 1.5),
        ("max_command_age", float("nan")),
        ("max_start_distance", 0.0),
        ("max_start_angle", 3.2),
        ("max_start_closedness", 1.1),
        ("speed_factor", 1.01),
        ("acceleration_factor", -0.1),
        ("joint_lower", (0.0, 0.0)),
    ],
)
def test_a_bad_limit_names_its_field(field: str, value: object) -> None:
    """Construction fails with the name of the field that is wrong."""
    with pytest.raises(ValueError, match=field):
        Limits(**{field: value})


@given(st.lists(st.floats(-0.3, 0.3), min_size=7, max_size=7))
def test_a_delta_passes_only_within_every_limit(delta: list[float]) -> None:
    """check_delta refuses exactly the deltas beyond a limit, by the code of that limit."""
    limits = Limits(max_gripper_change=0.25)
    try:
        limits.check_delta(np.array(delta))
        code = None
    except RefusalError as refusal:
        code = refusal.code
    beyond = {
        MotionCode.REFUSED_TRANSLATION: np.linalg.norm(delta[:3]) - 0.14,
        MotionCode.REFUSED_ROTATION: rotation_angle(delta) - 0.15,
        MotionCode.REFUSED_GRIPPER_CHANGE: abs(delta[6]) - 0.25,
    }
    if code is None:
        assert max(beyond.values()) <= 1e-6
    else:
        assert beyond[code] > 0


@given(st.lists(st.floats(-0.2, 0.2), min_size=7, max_size=7))
def test_a_start_passes_only_where_the_arm_is_near(moved: list[float]) -> None:
    """check_start refuses exactly what is beyond a limit, whichever way the arm is turned."""
    limits = Limits(max_start_distance=0.1, max_start_angle=0.15, max_start_closedness=0.12)
    planned = np.array([0.5, 0.1, 0.4, np.pi, 0.2, -1.0, 0.5])
    beyond = max(
        float(np.linalg.norm(moved[:3])) - 0.1,
        rotation_angle(np.array(moved)) - 0.15,
        abs(moved[6]) - 0.12,
    )
    try:
        limits.check_start(planned, apply_delta(planned, moved))
        assert beyond <= 2e-6
    except RefusalError as refusal:
        assert refusal.code is MotionCode.REFUSED_MOVED
        assert "plan again" in str(refusal)
        assert beyond > 0


@pytest.mark.parametrize("clip", [True, False])
def test_nan_is_within_no_limit(clip: bool) -> None:
    """Whatever has a NaN is refused or, as a position, never passes for one in the box."""
    limits = Limits(clip_to_workspace=clip)
    with pytest.raises(RefusalError):
        limits.check_translation(np.array([np.nan, 0.0, 0.0]))
    with pytest.raises(RefusalError):
        limits.check_joints(np.full(7, np.nan))
    with pytest.raises(RefusalError):
        limits.check_translation(limits.held_in_workspace([np.nan, 0.0, 0.3]))


def test_the_box_preset_passes_by_default() -> None:
    """The diagonal of a box of +-0.075 m is within the default length of a delta."""
    Limits().check_delta(np.array([0.075, 0.075, 0.075, 0, 0, 0, 0.75]))


@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_a_clipped_target_is_in_the_box(position: list[float]) -> None:
    """With clip_to_workspace every target is held in the box; inside, it stays as it is."""
    limits = Limits(clip_to_workspace=True)
    held = limits.held_in_workspace(position)
    low, high = np.array(limits.workspace_lower), np.array(limits.workspace_upper)
    assert (held >= low - 1e-6).all() and (held <= high + 1e-6).all()
    if (np.array(position) >= low).all() and (np.array(position) <= high).all():
        assert held.tolist() == position
    elif np.abs(held - position).max() > 1e-6:
        with pytest.raises(RefusalError, match="workspace"):
            Limits().held_in_workspace(position)
