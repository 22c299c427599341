"""Random moves stay inside their area."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_planner.calibration import MoveArea, plan_moves

AREA = MoveArea()


@given(
    seed=st.integers(0, 2**32 - 1),
    length=st.floats(0.005, 0.1),
    share=st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)),
)
def test_no_move_leaves_the_area(seed: int, length: float, share: tuple[float, float]) -> None:
    """From any start in it, and each has the length asked for."""
    start = np.array(AREA.lower) + share * (np.array(AREA.upper) - AREA.lower)
    plan = plan_moves(start, AREA, count=50, seed=seed, length=length)
    assert all(AREA.contains(place) for place in plan.path)
    assert np.linalg.norm(plan.deltas, axis=1) == pytest.approx(length)


def test_the_seed_alone_decides() -> None:
    """Same seed, same moves; and an estimate of their time."""
    first, again, other = (plan_moves(AREA.centre, AREA, seed=s) for s in (1, 1, 2))
    assert (first.deltas == again.deltas).all() and (first.deltas != other.deltas).any()
    assert first.seconds(0.5) == 100.0


@pytest.mark.parametrize(
    ("start", "options", "about"),
    [
        ((0.9, 0.0), {}, "outside the area"),
        ((np.nan, 0.0), {}, "outside the area"),
        (AREA.centre, {"length": 1.0}, "no room"),
        (AREA.centre, {"length": np.nan}, "length"),
        (AREA.centre, {"count": 0}, "1 to 2000 moves"),
    ],
)
def test_what_cannot_be_planned_is_refused(start: object, options: dict, about: str) -> None:
    """Before anything moves."""
    with pytest.raises(ValueError, match=about):
        plan_moves(start, AREA, **options)


def test_an_empty_area_is_refused() -> None:
    """Lower must be under upper."""
    with pytest.raises(ValueError, match="lower < upper"):
        MoveArea((0.5, 0.0), (0.4, 0.1))
