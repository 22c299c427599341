"""Checks before a task."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vjepa2_planner.exposure import exposure
from vjepa2_planner.preflight import ArmReadiness, LiveView, preflight
from vjepa2_planner.preflight_settings import PreflightSettings
from vjepa2_planner.task_code import TaskCode

RNG = np.random.default_rng(3)
SCENE = RNG.integers(60, 180, (24, 32, 3), np.uint8)
VIEW = LiveView(SCENE, age=0.04, rate=30.0)
ARM = ArmReadiness("IDLE", "", age=0.01)
SETTINGS = PreflightSettings()


def _codes(
    view: LiveView | None = VIEW,
    arm: ArmReadiness = ARM,
    goal: NDArray[np.uint8] = SCENE,
    settings: PreflightSettings = SETTINGS,
) -> list[TaskCode]:
    faults = preflight([("cup", goal)], view, arm, settings)
    assert all(fault.sentence and "\n" not in fault.sentence for fault in faults)
    return [fault.code for fault in faults]


def _scaled(factor: float) -> NDArray[np.uint8]:
    return np.clip(SCENE * factor, 0, 255).astype(np.uint8)


def test_all_is_well() -> None:
    """Nothing speaks against it; noise and a little light make no difference."""
    assert _codes() == []
    assert _codes(goal=_scaled(1.2)) == []
    assert _codes(goal=RNG.permutation(SCENE)) == []


@pytest.mark.parametrize(
    ("view", "code", "word"),
    [
        (None, TaskCode.NO_IMAGE, "camera active"),
        (replace(VIEW, age=0.7), TaskCode.CAMERA_STALE, "0.70 s old"),
        (replace(VIEW, age=nan), TaskCode.CAMERA_STALE, "old"),
        (replace(VIEW, age=-2.0), TaskCode.CAMERA_STALE, "in the future; synchronise the clocks"),
        (replace(VIEW, rate=3.0), TaskCode.CAMERA_SLOW, "3.0 Hz"),
        (replace(VIEW, rate=nan), TaskCode.CAMERA_SLOW, "Hz"),
    ],
)
def test_the_camera(view: LiveView | None, code: TaskCode, word: str) -> None:
    """Missing, stale, of the future, slow: each with its code and what to look at."""
    faults = preflight([("cup", SCENE)], view, ARM, SETTINGS)
    assert [fault.code for fault in faults] == [code]
    assert word in faults[0].sentence


@pytest.mark.parametrize(
    ("arm", "word"),
    [
        (ArmReadiness("REFLEX", "pushed against something", 0.0), "REFLEX (pushed against"),
        (ArmReadiness("GUIDING", "", 0.0), "is GUIDING"),
        (ArmReadiness(None, "", 0.0), "mode is unknown"),
        (ArmReadiness("IDLE", "", None), "sends no state"),
        (ArmReadiness("IDLE", "", 3.0), "3.00 s old"),
        (ArmReadiness("IDLE", "", nan), "old"),
        (ArmReadiness("IDLE", "", -3.0), "in the future"),
    ],
)
def test_the_arm(arm: ArmReadiness, word: str) -> None:
    """Anything but IDLE with a fresh state is ROBOT_NOT_READY."""
    faults = preflight([], VIEW, arm, SETTINGS)
    assert [fault.code for fault in faults] == [TaskCode.ROBOT_NOT_READY]
    assert word in faults[0].sentence


def test_all_that_is_wrong_is_told() -> None:
    """Faults of camera, arm and goal together, the camera's first."""
    view = replace(VIEW, age=9.0, rate=1.0)
    codes = _codes(view, ArmReadiness(None, "", None), _scaled(0.4))
    assert codes == [
        TaskCode.CAMERA_STALE,
        TaskCode.CAMERA_SLOW,
        TaskCode.ROBOT_NOT_READY,
        TaskCode.ROBOT_NOT_READY,
        TaskCode.GOAL_EXPOSURE,
    ]


@given(
    height=st.integers(1, 30),
    width=st.integers(1, 40),
    value=st.integers(120, 121),
)
def test_sizes_agree_or_are_told(height: int, width: int, value: int) -> None:
    """GOAL_SIZE exactly where a goal and the live view differ in size."""
    goal = np.full((height, width, 3), value, np.uint8)
    assert (TaskCode.GOAL_SIZE in _codes(goal=goal)) is (goal.shape != SCENE.shape)


@given(goal=st.integers(1, 249), live=st.integers(9, 249))
def test_brightness(goal: int, live: int) -> None:
    """GOAL_EXPOSURE exactly where the ratio of flat images is over the threshold."""
    settings = replace(SETTINGS, share_difference=1.0)
    codes = _codes(
        replace(VIEW, image=np.full_like(SCENE, live)),
        goal=np.full_like(SCENE, goal),
        settings=settings,
    )
    ratio = max(goal, live) / min(goal, live)
    if abs(ratio - settings.brightness_ratio) > 1e-3:
        assert codes == ([TaskCode.GOAL_EXPOSURE] if ratio > settings.brightness_ratio else [])


@given(share=st.floats(0.0, 1.0), value=st.sampled_from([0, 255]))
def test_black_and_blown_out(share: float, value: int) -> None:
    """A live view that shows nothing is refused, even with a goal that looks the same."""
    image = SCENE.copy()
    image.reshape(-1, 3)[: int(share * SCENE.size / 3)] = value
    found = exposure(image)
    lost, limit = (found.black, SETTINGS.max_black) if value == 0 else (found.saturated, 0.5)
    assert lost == pytest.approx(share, abs=0.002)
    codes = _codes(replace(VIEW, image=image), goal=image)
    assert codes == ([TaskCode.GOAL_EXPOSURE] if lost > limit else [])


def test_detail_that_only_one_of_both_has() -> None:
    """A third of the goal blown out is told, also where the mean brightness is about equal."""
    goal = _scaled(0.6)
    goal[:8] = 255
    faults = preflight([("cup", goal)], VIEW, ARM, SETTINGS)
    assert [fault.code for fault in faults] == [TaskCode.GOAL_EXPOSURE]
    assert "33% of goal cup is saturated" in faults[0].sentence


@given(
    age=st.floats(-1, 1),
    rate=st.floats(0, 60),
    tighter=st.floats(0.1, 1.0),
)
def test_tighter_thresholds_find_more(age: float, rate: float, tighter: float) -> None:
    """What passes tight thresholds passes wide ones."""
    tight = replace(
        SETTINGS,
        max_age=SETTINGS.max_age * tighter,
        max_clock_skew=SETTINGS.max_clock_skew * tighter,
        min_rate=SETTINGS.min_rate / tighter,
    )
    view = replace(VIEW, age=age, rate=rate)
    assert set(_codes(view)) <= set(_codes(view, settings=tight))


@pytest.mark.parametrize(
    ("name", "value"),
    [("min_rate", -1.0), ("max_age", nan), ("brightness_ratio", 0.5), ("max_black", inf)],
)
def test_thresholds_that_mean_nothing(name: str, value: float) -> None:
    """They are refused by name."""
    with pytest.raises(ValueError, match=name):
        replace(SETTINGS, **{name: value})
