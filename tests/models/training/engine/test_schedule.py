"""Learning rates."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.schedule import Schedule


def test_the_released_schedule() -> None:
    """Warm-up from 7.5e-5 to 4.25e-4, constant, decay to 0."""
    schedule = Schedule(94500, 4.25e-4, start=7.5e-5, warmup=4500, decay=4500)
    assert schedule.rate(0) == pytest.approx(7.5e-5, rel=1e-2)
    assert schedule.rate(2249) == pytest.approx(2.5e-4)
    assert schedule.rate(4499) == schedule.rate(89999) == 4.25e-4
    assert schedule.rate(92249) == pytest.approx(2.125e-4)
    assert schedule.rate(94499) == 0.0


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50))
def test_rates_rise_stay_and_fall(constant: int, warmup: int, decay: int) -> None:
    """Never outside their bounds, and in that order."""
    schedule = Schedule(constant + warmup + decay, 1.0, start=0.1, warmup=warmup, decay=decay)
    rates = [schedule.rate(step) for step in range(schedule.steps)]
    assert all(0.0 <= rate <= 1.0 for rate in rates)
    assert rates[:warmup] == sorted(rates[:warmup])
    assert set(rates[warmup : warmup + constant]) == {1.0}
    assert rates[warmup + constant :] == sorted(rates[warmup + constant :], reverse=True)
    assert sum(map(schedule.cooling, range(schedule.steps))) == decay


def test_a_cosine_falls_slowly_first() -> None:
    """Half of it at half of the decay, with no slope at either end; elsewhere as ever."""
    straight = Schedule(100, 1.0, end=0.2, warmup=10, decay=80)
    cosine = replace(straight, shape="cosine")
    assert [cosine.rate(step) for step in range(20)] == [straight.rate(s) for s in range(20)]
    assert cosine.rate(39) > straight.rate(39) and cosine.rate(79) < straight.rate(79)
    assert cosine.rate(59) == pytest.approx(0.6) and cosine.rate(99) == pytest.approx(0.2)


def test_older_checkpoints_can_be_resumed() -> None:
    """They don't know of the shape, which was linear."""
    settings = EngineSettings(Schedule(10, 1.0, decay=5), batch=1)
    assert "shape" not in settings.identity()["schedule"]
    curved = replace(settings, schedule=replace(settings.schedule, shape="cosine"))
    assert curved.identity()["schedule"]["shape"] == "cosine"


def test_what_does_not_fit_is_refused() -> None:
    """No steps; warm-up and decay longer than the training; a rate under 0."""
    with pytest.raises(ValueError, match="steps must be at least 1"):
        Schedule(0, 1.0)
    with pytest.raises(ValueError, match="must fit in 10 steps"):
        Schedule(10, 1.0, warmup=6, decay=5)
    with pytest.raises(ValueError, match="peak, start and end"):
        Schedule(10, -1.0)
