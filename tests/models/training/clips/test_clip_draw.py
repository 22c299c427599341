"""Which clip a row gets."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_models.training.clips.clip_draw import draw_from


@given(st.integers(0, 3), st.integers(0, 100))
def test_draws_repeat_and_fit(seed: int, step: int) -> None:
    """The same row gives the same clip, and the clip lies within its episode."""
    lengths = [5, 2, 9, 4]
    draw = draw_from(lengths, span=4, batch=8, seed=seed)
    for row in range(8):
        first, again = draw.draw(step, row), draw.draw(step, row)
        assert (first.episode, first.start) == (again.episode, again.start)
        assert first.start + 4 <= lengths[first.episode]


def test_each_episode_once_an_epoch() -> None:
    """As a shuffled loader would; those that are too short never."""
    draw = draw_from([5, 2, 9, 4], span=4, batch=3, seed=0)
    for epoch in range(5):
        assert sorted(draw.draw(epoch, row).episode for row in range(3)) == [0, 2, 3]


def test_starts_are_uniform() -> None:
    """Every start of an episode comes up about as often."""
    draw = draw_from([7], span=4, batch=1, seed=0)
    counts = Counter(draw.draw(step, 0).start for step in range(2000))
    assert sorted(counts) == [0, 1, 2, 3]
    assert all(430 < count < 570 for count in counts.values())


def test_other_attempts_are_other_clips() -> None:
    """For episodes that can't be read."""
    draw = draw_from([9] * 50, span=4, batch=1, seed=0)
    assert len({draw.draw(0, 0, attempt).episode for attempt in range(6)}) > 3


def test_no_episode_is_long_enough() -> None:
    """Said at once."""
    with pytest.raises(ValueError, match="no episode is long enough"):
        draw_from([3, 2], span=4, batch=1, seed=0)
