"""LeRobot data sets on disk: every frame with its own state, what is broken skipped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.data.lerobot_files import (
    FPS,
    KEY,
    LAYOUTS,
    POSE,
    Dataset,
    level,
    state,
    write_table,
    write_video,
)
from vjepa2_data import IndexedEpisode, Skipped, open_episode
from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.lerobot_index import index_lerobot


def look(root: Path, path: str = ".") -> tuple[list[IndexedEpisode], list[Skipped]]:
    found = [*index_lerobot(root, path, "left")]
    return (
        [one for one in found if isinstance(one, IndexedEpisode)],
        [one for one in found if isinstance(one, Skipped)],
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_clip_is_the_frames_with_their_states(tmp_path: Path, layout: str) -> None:
    """In v3 the frames of an episode start in the middle of a shared file."""
    Dataset().write(tmp_path / "lab", layout)
    episodes, skipped = look(tmp_path, "lab")
    assert not skipped
    assert [(episode.name, episode.frames) for episode in episodes] == [
        ("lab/episode_000000", 12),
        ("lab/episode_000001", 8),
        ("lab/episode_000002", 15),
    ]
    assert [episode.success for episode in episodes] == [True, False, True]
    frames = np.array([0, 3, 7])
    for number, episode in enumerate(episodes):
        assert (episode.kind, episode.fps, episode.extrinsics) == ("lerobot", FPS, True)
        with open_episode(tmp_path, episode) as reader:
            clip = reader.read(frames.tolist())
        assert clip.episode == episode.name
        assert clip.frames.shape == (3, 32, 48, 3) and clip.frames.dtype == np.uint8
        expected = [level(number, int(frame)) for frame in frames]
        np.testing.assert_allclose(clip.frames.mean(axis=(1, 2, 3)), expected, atol=1.4)
        np.testing.assert_array_equal(clip.states, state(number, frames).astype(np.float32))
        assert clip.states.dtype == np.float32
        np.testing.assert_array_equal(clip.extrinsics, np.full((3, 6), number, np.float32))


def test_an_entry_of_named_states_is_read(tmp_path: Path) -> None:
    """observation.state with named entries, in another order and as fixed-size lists."""
    folder = Dataset((8,)).write(tmp_path)
    info = json.loads((folder / "meta/info.json").read_text())
    names = ["gripper", "x", "y", "z", "roll", "pitch", "yaw"]
    info["features"] = {
        "observation.state": {"dtype": "float32", "shape": [7], "names": names},
        KEY: {"dtype": "video"},
    }
    (folder / "meta/info.json").write_text(json.dumps(info))
    rows = np.tile(np.array([0.5, 1, 2, 3, 0.1, 0.2, 0.3], np.float32), (8, 1))
    columns = {
        "observation.state": pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), 7),
        "timestamp": np.arange(8) / FPS,
        "episode_index": [0] * 8,
    }
    pq.write_table(pa.table(columns), folder / "data/chunk-000/episode_000000.parquet")
    ((episode,), skipped) = look(folder)
    assert not skipped
    assert episode.success is None and not episode.extrinsics
    with open_episode(folder, episode) as reader:
        clip = reader.read([2])
    assert clip.extrinsics is None
    np.testing.assert_array_equal(clip.states[0], np.array([1, 2, 3, 0.1, 0.2, 0.3, 0.5], "f4"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_broken_states_are_skipped_with_the_reason(tmp_path: Path, layout: str) -> None:
    """One broken episode leaves the others usable, also those in the same file."""
    nan, open_is_wide = state(1, np.arange(8)), state(2, np.arange(15))
    nan[3, 4] = np.nan
    open_is_wide[:, 6] = 80.0
    Dataset(states={1: nan, 2: open_is_wide}).write(tmp_path, layout)
    episodes, skipped = look(tmp_path)
    assert [episode.name for episode in episodes] == ["episode_000000"]
    assert [one.reason for one in skipped] == [
        "states are not finite",
        "gripper is not between 0 (open) and 1 (closed)",
    ]
    assert skipped[0].path == "episode_000001" and skipped[0].detail.endswith("row 3")


def test_broken_files_are_skipped_with_the_reason(tmp_path: Path) -> None:
    """A truncated or missing file of either kind, and a length that does not fit."""
    folder = Dataset((8,) * 6).write(tmp_path)
    tables, videos = folder / "data/chunk-000", folder / f"videos/chunk-000/{KEY}"
    (tables / "episode_000000.parquet").unlink()
    cut(tables / "episode_000001.parquet")
    (videos / "episode_000002.mp4").unlink()
    cut(videos / "episode_000003.mp4")
    write_table(tables / "episode_000004.parquet", [Dataset((7,)).rows(0)])
    episodes, skipped = look(folder)
    assert [episode.name for episode in episodes] == ["episode_000005"]
    assert [one.path for one in skipped] == [f"episode_{number:06d}" for number in range(5)]
    assert [one.reason for one in skipped[:3]] == [
        "table is missing",
        "table can't be read",
        "video is missing",
    ]
    assert skipped[3].reason.startswith("video")
    assert skipped[4].reason == "number of states differs from the episode's length"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_timestamps_off_the_pictures_are_skipped(tmp_path: Path, layout: str) -> None:
    """Times of another rate, or that repeat, name no picture."""
    times = {0: np.arange(12) / 7.0, 1: np.full(8, 0.1)}
    Dataset(times=times).write(tmp_path, layout)
    episodes, skipped = look(tmp_path)
    assert [episode.name for episode in episodes] == ["episode_000002"]
    assert [one.reason for one in skipped] == [
        "timestamps are not those of pictures",
        "timestamps do not ascend",
    ]


def test_frames_without_a_picture_do_not_count(tmp_path: Path) -> None:
    """A video that ends early leaves the frames that it has."""
    folder = Dataset((12,)).write(tmp_path)
    write_video(folder / f"videos/chunk-000/{KEY}/episode_000000.mp4", [(0, 9)])
    (episode,), _ = look(folder)
    assert episode.frames == 9
    with open_episode(folder, episode) as reader:
        assert len(reader.read([8]).frames) == 1
        with pytest.raises(IndexError, match="has 9 frames"):
            reader.read([9])
        with pytest.raises(IndexError, match="has 9 frames"):
            reader.read([-1])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "meta is not that of LeRobot"),
        ('{"fps": 10}', "meta is not that of LeRobot.*KeyError: 'features'"),
        ('{"fps": 0, "features": {}}', "meta is not that of LeRobot.*fps is 0"),
        ('{"fps": 10, "features": {}}', "no end-effector state.*found: no feature"),
    ],
)
def test_a_data_set_of_another_format_is_refused(
    tmp_path: Path, content: str, reason: str
) -> None:
    """The fault is the data set's, not an episode's."""
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta/info.json").write_text(content)
    with pytest.raises(BrokenEpisodeError, match=reason):
        look(tmp_path)


def test_a_data_set_that_grew_is_looked_at_anew(tmp_path: Path) -> None:
    """Nothing of the first look is kept for the second."""
    folder = Dataset((8,)).write(tmp_path)
    assert len(look(folder)[0]) == 1
    lines = (folder / "meta/episodes.jsonl").read_text()
    (folder / "meta/episodes.jsonl").write_text(lines + lines.replace('index": 0', 'index": 1'))
    assert [one.path for one in look(folder)[1]] == ["episode_000001"]


def test_an_older_version_is_refused_by_name(tmp_path: Path) -> None:
    """LeRobot v1 had no file of episodes that we know."""
    folder = Dataset().write(tmp_path)
    (folder / "meta/episodes.jsonl").unlink()
    with pytest.raises(BrokenEpisodeError, match=r"it is v2\.1, and has neither meta/episodes"):
        look(folder)


def cut(path: Path) -> None:
    """Leave the first 60 % of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: int(0.6 * len(content))])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("key", ["data_path", "video_path"])
@pytest.mark.parametrize("place", ["../other/{episode_index}", "/etc/hosts"])
def test_paths_that_lead_out_of_the_data_set_are_refused(
    tmp_path: Path, layout: str, key: str, place: str
) -> None:
    """They come from the internet with it."""
    folder = Dataset().write(tmp_path / "lab", layout)
    info = json.loads((folder / "meta/info.json").read_text())
    info[key] = place.replace("{episode_index}", "x")
    (folder / "meta/info.json").write_text(json.dumps(info))
    with pytest.raises(BrokenEpisodeError, match="leads out of the data set"):
        look(folder)


def test_pictures_before_the_video_are_refused(tmp_path: Path) -> None:
    """An index below zero would count from the end."""
    folder = Dataset().write(tmp_path, "v3.0")
    path = folder / "meta/episodes/chunk-000/file-000.parquet"
    table, key = pq.read_table(path), f"videos/{KEY}/from_timestamp"
    starts = pa.array([-5.0, *table[key].to_pylist()[1:]])
    pq.write_table(table.set_column(table.column_names.index(key), key, starts), path)
    episodes, skipped = look(folder)
    assert len(episodes) == 2
    assert [one.reason for one in skipped] == ["timestamps are not those of pictures"]


def test_states_of_uneven_lengths_are_skipped(tmp_path: Path) -> None:
    """Even where there are as many numbers as there should be: they would go to other frames."""
    folder = Dataset((8,)).write(tmp_path)
    rows = Dataset((8,)).rows(0)
    rows[POSE][2], rows[POSE][3] = rows[POSE][2][:5], [*rows[POSE][3], 0.0]
    write_table(folder / "data/chunk-000/episode_000000.parquet", [rows])
    ((), (skipped,)) = look(folder)
    assert skipped.reason == "states have a wrong shape" and "lengths" in skipped.detail
