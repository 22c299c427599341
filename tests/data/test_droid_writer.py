"""Episodes as they come to lie on disk."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest

from vjepa2_data import Recording, build_index, open_episode, write_episode
from vjepa2_data.video import Video


def coloured_recording(random):
    """Small vivid objects that move over a noisy table."""
    frames = np.repeat(random.integers(100, 140, (1, 128, 128, 3)), 16, axis=0).astype(np.uint8)
    for step, frame in enumerate(frames):
        frame[30:38, 5 * step : 5 * step + 8] = (220, 30, 30)
        frame[80:88, 90 - 5 * step : 98 - 5 * step] = (30, 60, 220)
    return Recording(frames, random.normal(size=(16, 7)), 4.0, metadata={"success": False})


def test_what_was_written_is_read_again(tmp_path):
    """States exactly, pictures within compression."""
    recording = coloured_recording(np.random.default_rng(0))
    write_episode(recording, tmp_path / "data" / "one")
    (episode,) = build_index(tmp_path).episodes
    assert (episode.name, episode.frames, episode.fps) == ("data/one", 16, 4.0)
    assert episode.success is False
    with open_episode(tmp_path, episode) as reader:
        clip = reader.read(range(16))
    difference = np.abs(clip.frames.astype(int) - recording.frames)
    assert difference.mean() < 2.0
    red = recording.frames[..., 0] == 220
    assert difference[red].mean() < 4.0
    with h5py.File(tmp_path / "data/one/trajectory.h5") as trajectory:
        robot = trajectory["observation/robot_state"]
        assert (robot["cartesian_position"][:] == recording.states[:, :6]).all()
        assert (robot["gripper_position"][:] == recording.states[:, 6]).all()


def test_the_official_reader_would_find_everything(tmp_path, write_numbered):
    """Its view, its serial number, its keys; the metadata of the recording stay beside them."""
    folder = write_numbered(tmp_path / "one", camera="123", metadata={"seed": 7})
    (file,) = folder.glob("*.json")
    metadata = json.loads(file.read_text())
    name = metadata["left_mp4_path"].split("recordings/MP4/")[-1]
    with Video(folder / "recordings/MP4" / name) as video:
        assert len(video) == metadata["trajectory_length"] == 32
    with h5py.File(folder / "trajectory.h5") as trajectory:
        serial = name.split(".")[0]
        assert trajectory[f"observation/camera_extrinsics/{serial}_left"].shape == (32, 6)
    assert metadata["seed"] == 7


def test_an_episode_is_never_overwritten(tmp_path, write_numbered):
    """Nor anything else of that name."""
    folder = write_numbered(tmp_path / "one")
    with pytest.raises(FileExistsError, match="one"):
        write_numbered(folder)


def test_left_overs_of_a_killed_run_are_in_nobodys_way(tmp_path, write_numbered):
    """Neither an index nor the next run takes them for an episode."""
    (tmp_path / "one.partial").mkdir()
    (tmp_path / "one.partial" / "trajectory.h5").touch()
    assert not build_index(tmp_path).skipped
    write_numbered(tmp_path / "one")
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


FULL_DISK = """
import resource, sys
from pathlib import Path
import numpy as np
from vjepa2_data import Recording, write_episode

frames = np.random.default_rng(0).integers(0, 255, (8, 64, 64, 3), np.uint8)
recording = Recording(frames, np.zeros((8, 7)), 4.0)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    write_episode(recording, Path(sys.argv[1]))
except OSError as fault:
    print(fault)
"""


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path):
    """Here a limit on the size of files stands for the end of the disk."""
    folder = tmp_path / "one"
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(folder)], capture_output=True, text=True, check=True
    )
    assert f"can't write episode {folder}" in ended.stdout
    assert not [*tmp_path.iterdir()]
