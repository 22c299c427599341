"""Clips that would be slower than they are meant to be."""

from dataclasses import replace
from pathlib import Path

import pytest

from vjepa2_data import Index, IndexedEpisode
from vjepa2_models.training.clips.frame_rates import warn_of_wrong_headers


def test_wrong_headers_are_named(caplog: pytest.LogCaptureFixture) -> None:
    """DROID's 60 for 15: clips of 4 frames a second have one; the index can be told."""
    right = IndexedEpisode("a", "a", "droid", 100, 15.0, "left", captured_fps=14.8)
    index = Index(Path("droid"), (right, replace(right, name="b", captured_fps=None)))
    warn_of_wrong_headers(index, 4.0)
    assert not caplog.records
    wrong = replace(right, name="c", fps=60.0, captured_fps=15.0)
    warn_of_wrong_headers(replace(index, episodes=(*index.episodes, wrong)), 4.0)
    assert "1 of 3 videos say 60" in caplog.text and "really have 1," in caplog.text
    assert "vjepa2 data index droid --fps 15" in caplog.text
