"""Clips of episodes in DROID's raw layout."""

import json
import shutil

import h5py
import numpy as np
import pytest

from vjepa2_data import BrokenEpisodeError, build_index, open_episode, stride


@pytest.fixture
def root(tmp_path, write_numbered):
    """A data set of one numbered episode."""
    write_numbered(tmp_path / "one")
    return tmp_path


def only_reader(root):
    (episode,) = build_index(root).episodes
    return open_episode(root, episode)


def test_frames_and_states_are_those_of_the_indices(root, number_of):
    """Also the camera's pose."""
    with only_reader(root) as reader:
        for frames in ([0], [31], range(2, 30, 4), range(32)):
            clip = reader.read(frames)
            assert [number_of(frame) for frame in clip.frames] == [*frames]
            assert clip.states[:, 0].tolist() == [*frames]
            assert clip.states[:, 6].tolist() == [frame % 2 for frame in frames]
            assert clip.extrinsics[:, 0].tolist() == [100 + frame for frame in frames]
    assert clip.frames.dtype == np.uint8 and clip.states.dtype == np.float32
    assert clip.states.shape == (32, 7) and clip.extrinsics.shape == (32, 6)
    assert clip.episode == "one"


def test_extrinsics_may_be_missing(tmp_path, write_numbered):
    """The index says so."""
    write_numbered(tmp_path / "one", extrinsics=None)
    (episode,) = build_index(tmp_path).episodes
    assert not episode.extrinsics
    with only_reader(tmp_path) as reader:
        assert reader.read([0]).extrinsics is None


def test_the_view_is_found_through_the_metadata(root, number_of):
    """Paths in it are of where the data lay once."""
    folder = root / "one"
    (file,) = folder.glob("*.json")
    metadata = json.loads(file.read_text())
    shutil.copy(folder / "recordings/MP4/external.mp4", folder / "recordings/MP4/7.mp4")
    metadata["wrist_mp4_path"] = "success/2023-07-07/Fri_Jul__7_2023/recordings/MP4/7.mp4"
    file.write_text(json.dumps(metadata))
    (episode,) = build_index(root, camera="wrist").episodes
    assert episode.camera == "wrist" and not episode.extrinsics
    with open_episode(root, episode) as reader:
        assert number_of(reader.read([9]).frames[0]) == 9


def test_only_frames_that_have_a_state_are_usable(root):
    """DROID's videos and trajectories differ by a frame or so."""
    with h5py.File(root / "one/trajectory.h5", "r+") as trajectory:
        for key in ("cartesian_position", "gripper_position"):
            rows = trajectory[f"observation/robot_state/{key}"][:30]
            del trajectory[f"observation/robot_state/{key}"]
            trajectory[f"observation/robot_state/{key}"] = rows
    (episode,) = build_index(root).episodes
    assert episode.frames == 30
    with open_episode(root, episode) as reader:
        assert reader.read([29]).states[0, 0] == 29
        with pytest.raises(IndexError, match="one has 30 frames"):
            reader.read([30])


@pytest.mark.parametrize("gone", ["trajectory.h5", "recordings/MP4/external.mp4", "."])
def test_files_that_have_gone_since_are_named(root, gone):
    """The index is older than the loss."""
    (episode,) = build_index(root).episodes
    path = root / "one" / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(BrokenEpisodeError, match=r"is missing.*one"):
        open_episode(root, episode)


@pytest.mark.parametrize(
    ("video_fps", "fps", "expected"),
    [(15, 4, 4), (60, 4, 15), (4, 4, 1), (3, 4, 1), (30, 4, 8), (29.97, 4, 8), (16.0000001, 4, 4)],
)
def test_the_stride_is_the_official_one(video_fps, fps, expected):
    """ceil(video's rate / clip's rate)."""
    assert stride(video_fps, fps) == expected


def test_there_is_no_stride_at_no_rate():
    """An error, not a division by zero."""
    with pytest.raises(ValueError, match="no stride"):
        stride(0.0, 4.0)


def test_a_trajectory_that_became_shorter_is_named(tmp_path, write_numbered):
    """The index is older than the file."""
    folder = write_numbered(tmp_path / "one")
    (episode,) = build_index(tmp_path).episodes
    key = "observation/robot_state/gripper_position"
    with h5py.File(folder / "trajectory.h5", "r+") as trajectory:
        del trajectory[key]
        trajectory[key] = np.zeros(5)
    with (
        open_episode(tmp_path, episode) as reader,
        pytest.raises(BrokenEpisodeError, match=r"trajectory unreadable.*gripper_position"),
    ):
        reader.read([20])
