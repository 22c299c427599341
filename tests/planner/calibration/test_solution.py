"""Any rotation is recovered, a reflection is never returned, and nothing is made of nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_planner.calibration import (
    CalibrationCode,
    CalibrationError,
    Thresholds,
    angle_deg,
    judge,
    nearest_rotation,
    solve,
    turn,
)

ANGLES = st.floats(-179.9, 179.9)
SEEDS = st.integers(0, 2**32 - 1)


def moves(seed: int, count: int = 200, length: float = 0.05) -> np.ndarray:
    """Moves [count, 2] in all directions."""
    angles = np.random.default_rng(seed).uniform(-np.pi, np.pi, count)
    return length * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def apart(a: float, b: float) -> float:
    """Between two angles [degrees]."""
    return abs((a - b + 180) % 360 - 180)


@given(degrees=ANGLES, seed=SEEDS)
def test_any_rotation_is_recovered_from_pairs_without_noise(degrees: float, seed: int) -> None:
    """Within 0.01 degrees, and nothing is left of the error."""
    executed = moves(seed)
    solution = solve(executed @ turn(-degrees), executed, seed=seed)
    assert apart(solution.angle_deg, degrees) < 0.01
    assert solution.error_after < 1e-6
    assert judge(solution).passed


@given(degrees=ANGLES, seed=SEEDS)
def test_it_is_robust_to_noise(degrees: float, seed: int) -> None:
    """1.5 cm on moves of 5 cm move the angle of 200 pairs by a few degrees."""
    executed = moves(seed)
    noise = np.random.default_rng([seed, 1]).normal(0.0, 0.015, executed.shape)
    solution = solve(executed @ turn(-degrees) + noise, executed, seed=seed)
    assert apart(solution.angle_deg, degrees) < 8.0
    assert judge(solution, Thresholds(error_m=0.03)).passed


@given(numbers=st.lists(st.floats(-10, 10), min_size=4, max_size=4))
def test_a_reflection_is_never_returned(numbers: list[float]) -> None:
    """The determinant is +1, whatever the matrix."""
    rotation = nearest_rotation(np.reshape(numbers, (2, 2)))
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    assert rotation @ rotation.T == pytest.approx(np.eye(2))


def test_mirrored_moves_fail_rather_than_mirror_plans() -> None:
    """A view that is mirrored has no rotation."""
    executed = moves(0)
    solution = solve(executed * [1, -1], executed)
    assert np.linalg.det(solution.rotation) == pytest.approx(1.0)
    assert not judge(solution).passed


def test_the_sign_of_the_angle() -> None:
    """+90 turns x into y, counter-clockwise seen from above."""
    assert np.array([1.0, 0.0]) @ turn(90) == pytest.approx([0.0, 1.0])
    assert angle_deg(turn(30)) == pytest.approx(30)


def test_the_split_depends_on_the_seed_alone() -> None:
    """So a recording solves to the same figures each time."""
    executed = moves(0)
    inferred = executed + np.random.default_rng(1).normal(0, 0.01, executed.shape)
    first, again, other = (solve(inferred, executed, seed=s) for s in (3, 3, 4))
    assert (first.angle_deg, first.error_after) == (again.angle_deg, again.error_after)
    assert first.error_after != other.error_after
    assert len(first.executed) == 60


@pytest.mark.parametrize(
    ("inferred", "executed", "code"),
    [
        (moves(0, 9), moves(0, 9), CalibrationCode.TOO_FEW_PAIRS),
        (moves(0), 0.001 * moves(0), CalibrationCode.DEGENERATE),
        (0 * moves(0), moves(0), CalibrationCode.DEGENERATE),
        (moves(0) * [1, 0], moves(0), CalibrationCode.DEGENERATE),
        (moves(0) * np.nan, moves(0), CalibrationCode.DEGENERATE),
        (moves(0), moves(0) * np.inf, CalibrationCode.DEGENERATE),
    ],
)
def test_degenerate_moves_are_refused(
    inferred: np.ndarray, executed: np.ndarray, code: CalibrationCode
) -> None:
    """With a code and a sentence."""
    with pytest.raises(CalibrationError) as refused:
        solve(inferred, executed)
    assert refused.value.code is code and str(refused.value)


def test_a_failed_threshold_is_named_with_its_remedy() -> None:
    """Each one by itself."""
    executed = moves(0, 40)
    noisy = executed * [1, 0.2] + np.random.default_rng(0).normal(0, 0.04, (40, 2)) * [1, 0.2]
    reasons = judge(solve(noisy, executed)).reasons
    assert [reason.split()[0] for reason in reasons] == ["40", "condition", "error"]
    assert "record more moves" in reasons[0]


def test_thresholds_that_let_everything_pass_are_refused() -> None:
    """NaN among them."""
    with pytest.raises(ValueError, match="thresholds"):
        Thresholds(condition_number=float("nan"))
