"""Splits and shards of an index."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_data import Index, IndexedEpisode

NAMES = st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=60)


def index_of(names):
    episodes = [IndexedEpisode(name, name, "droid", 100, 15.0, "left") for name in sorted(names)]
    return Index(Path("root"), tuple(episodes))


def names_of(index):
    return [episode.name for episode in index.episodes]


@given(NAMES, st.floats(0.01, 0.99))
def test_a_split_parts_the_episodes(names, held_out):
    """Each is on one side, in order, and neither side is empty."""
    train, validation = index_of(names).split(held_out)
    assert len(train) and len(validation)
    assert sorted(names_of(train) + names_of(validation)) == sorted(names)
    assert names_of(train) == sorted(names_of(train))


def test_a_split_holds_while_the_data_set_grows():
    """No episode that was validated on is ever trained on."""
    few, many = (index_of(f"episode {n}" for n in range(count)) for count in (300, 1000))
    before, after = few.split(0.1)[1], many.split(0.1)[1]
    assert set(names_of(before)) == set(names_of(after)) & set(names_of(few))
    assert 70 <= len(after) <= 130


def test_nothing_held_out_is_nothing():
    """And one episode alone can't be parted."""
    assert not len(index_of("abc").split(0.0)[1])
    with pytest.raises(ValueError, match="held_out"):
        index_of("abc").split(1.0)
