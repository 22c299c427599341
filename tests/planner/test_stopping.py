"""Rules that end a pursuit early."""

import pytest

from vjepa2_planner import EnergyBelow, Outcome, Stall


def test_energy_below_matches_the_last_look() -> None:
    """Only the newest energy counts."""
    rule = EnergyBelow(0.2)
    assert rule.outcome([0.1, 0.3]) is None
    assert rule.outcome([0.3, 0.1]) is Outcome.GOAL_MATCHED


@pytest.mark.parametrize(
    ("energies", "outcome"),
    [
        ([1.0], None),
        ([1.0, 1.0, 1.0], None),
        ([1.0, 1.0, 1.0, 1.0], Outcome.STALLED),
        ([1.0, 1.1, 0.999, 1.2], Outcome.STALLED),
        ([1.0, 1.1, 0.9, 1.2], None),
        ([1.0, 0.8, 0.6, 0.4], None),
    ],
)
def test_stall_asks_for_progress(energies: list[float], outcome: Outcome | None) -> None:
    """Three steps without 1 % of progress are a stall."""
    assert Stall(window=3, progress=0.01).outcome(energies) is outcome


def test_bad_window_is_named() -> None:
    """A window without steps is refused."""
    with pytest.raises(ValueError, match=r"Stall\.window"):
        Stall(window=0)
