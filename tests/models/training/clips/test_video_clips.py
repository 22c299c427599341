"""Clips read straight from the videos, where some of them broke after they were indexed."""

import shutil
from pathlib import Path

import h5py
import pytest

from vjepa2_data import build_index
from vjepa2_models.dimensions import Dimensions
from vjepa2_models.training.clips.clip_settings import ClipSettings
from vjepa2_models.training.clips.skipping import warn_of_skipped
from vjepa2_models.training.clips.video_clips import video_clips


def test_each_broken_episode_is_named_once(
    squares: Path, tiny: Dimensions, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A video cut off, states of NaN, a folder that has gone: good clips take their place."""
    data = tmp_path / "data"
    shutil.copytree(squares, data, ignore=shutil.ignore_patterns("index.json"))
    index = build_index(data)
    cut, lost, gone = (data / episode.path for episode in index.episodes[:3])
    (video,) = cut.glob("recordings/MP4/*.mp4")
    video.write_bytes(video.read_bytes()[:500])
    with h5py.File(lost / "trajectory.h5", "r+") as trajectory:
        trajectory["observation/robot_state/cartesian_position"][:] = float("nan")
    shutil.rmtree(gone)
    warn_of_skipped.cache_clear()
    clips = video_clips(index, ClipSettings(frames=3), tiny, batch=16, seed=0)
    origins = [origin for step in range(4) for origin in clips.load(step, range(16)).origins]
    broken = {cut.name, lost.name, gone.name}
    assert len(origins) == 64 and not {origin.split()[0] for origin in origins} & broken
    assert len(caplog.records) == 3 and all(caplog.text.count(name + ",") == 1 for name in broken)


def test_a_data_set_that_has_gone_is_to_blame_itself(
    squares: Path, tiny: Dimensions, tmp_path: Path
) -> None:
    """Not one episode after the other for ever."""
    data = tmp_path / "data"
    shutil.copytree(squares, data)
    clips = video_clips(build_index(data), ClipSettings(frames=3), tiny, batch=16, seed=0)
    shutil.rmtree(data)
    with pytest.raises(ValueError, match=r"in a row can't be read under .*Build the index anew"):
        clips.load(0, range(1))
