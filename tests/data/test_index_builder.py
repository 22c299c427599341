"""What becomes of good and bad episodes."""

import json
import shutil

import h5py
import numpy as np
import pytest

from vjepa2_data import build_index

POSE = "observation/robot_state/cartesian_position"
GRIPPER = "observation/robot_state/gripper_position"


def replace_rows(folder, key, rows):
    with h5py.File(folder / "trajectory.h5", "r+") as trajectory:
        del trajectory[key]
        if rows is not None:
            trajectory[key] = rows


def truncate(path):
    path.write_bytes(path.read_bytes()[:2000])


def rewrite_metadata(folder, **changes):
    (file,) = folder.glob("*.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


VIDEO = "recordings/MP4/external.mp4"
DAMAGE = {
    "video is missing": lambda folder: (folder / VIDEO).unlink(),
    "video can't be opened": lambda folder: truncate(folder / VIDEO),
    f"trajectory lacks {GRIPPER}": lambda folder: replace_rows(folder, GRIPPER, None),
    f"trajectory lacks {POSE}": lambda folder: replace_rows(folder, POSE, None),
    "trajectory is missing": lambda folder: (folder / "trajectory.h5").unlink(),
    "trajectory unreadable": lambda folder: truncate(folder / "trajectory.h5"),
    "wrong shape": lambda folder: replace_rows(folder, POSE, np.zeros((32, 7))),
    "values not finite": lambda folder: replace_rows(folder, POSE, np.full((32, 6), np.nan)),
    "too short": lambda folder: replace_rows_to(folder, 7),
    "no metadata": lambda folder: next(folder.glob("*.json")).unlink(),
    "metadata unreadable": lambda folder: truncate_text(folder),
    "no left camera": lambda folder: rewrite_metadata(folder, left_mp4_path=None),
}


def replace_rows_to(folder, length):
    replace_rows(folder, POSE, np.zeros((length, 6)))
    replace_rows(folder, GRIPPER, np.zeros(length))


def truncate_text(folder):
    (file,) = folder.glob("*.json")
    file.write_text(file.read_text()[:40])


def test_every_kind_of_bad_episode_is_skipped_with_its_reason(tmp_path, write_numbered):
    """And the good ones among them are found, at any depth."""
    source = write_numbered(tmp_path / "lab/success/good")
    for number, damage in enumerate(DAMAGE.values()):
        folder = tmp_path / f"lab/failure/{number}"
        shutil.copytree(source, folder)
        damage(folder)
    index = build_index(tmp_path)
    assert [episode.name for episode in index.episodes] == ["lab/success/good"]
    found = {skipped.path: skipped.reason for skipped in index.skipped}
    assert found == {f"lab/failure/{number}": reason for number, reason in enumerate(DAMAGE)}
    assert all(skipped.detail for skipped in index.skipped)


@pytest.mark.parametrize(
    "metadata", [b"[]", b"\xff\xfe", b"{}", b'{"left_mp4_path": 3}', b'{"left_mp4_path": ""}']
)
def test_odd_metadata_are_skipped_too(metadata, tmp_path, write_numbered):
    """Valid JSON or not."""
    folder = write_numbered(tmp_path / "one")
    next(folder.glob("*.json")).write_bytes(metadata)
    index = build_index(tmp_path)
    assert not index.episodes and len(index.skipped) == 1


def test_poses_and_gripper_must_be_as_many(tmp_path, write_numbered):
    """A row belongs to a step."""
    replace_rows(write_numbered(tmp_path / "one"), GRIPPER, np.zeros(31))
    (skipped,) = build_index(tmp_path).skipped
    assert skipped.reason == "wrong shape" and "32 poses but 31" in skipped.detail


def test_broken_extrinsics_do_not_cost_the_episode(tmp_path, write_numbered):
    """They are an option; the index knows that they can't be used."""
    key = "observation/camera_extrinsics/external_left"
    replace_rows(write_numbered(tmp_path / "one"), key, np.full((32, 6), np.nan))
    (episode,) = build_index(tmp_path).episodes
    assert not episode.extrinsics


def test_length_counts_at_the_clips_rate(tmp_path, write_numbered):
    """30 frames of 15 fps are 8 at 4 fps; at the rate that is given, if one is."""
    write_numbered(tmp_path / "one", length=30, fps=15.0)
    assert len(build_index(tmp_path, min_frames=8)) == 1
    assert not len(build_index(tmp_path, min_frames=9))
    (episode,) = build_index(tmp_path, min_frames=30, fps=4.0).episodes
    assert episode.fps == 4.0


def test_the_rate_by_the_time_stamps_is_noted(tmp_path, write_numbered):
    """DROID's videos say 60 fps but were taken at 15."""
    folder = write_numbered(tmp_path / "one", fps=60.0, length=128)
    with h5py.File(folder / "trajectory.h5", "r+") as trajectory:
        key = "observation/timestamp/cameras/external_estimated_capture"
        trajectory[key] = (1.68e12 + np.arange(128) * 1000 / 15).astype(np.int64)
    (episode,) = build_index(tmp_path).episodes
    assert episode.fps == 60.0
    assert episode.captured_fps == pytest.approx(15.0, rel=0.02)
    assert episode.seconds == pytest.approx(128 / 15, rel=0.02)


def test_workers_change_nothing(tmp_path, write_numbered):
    """Not the order either."""
    source = write_numbered(tmp_path / "0")
    for number in range(1, 6):
        shutil.copytree(source, tmp_path / str(number))
    (tmp_path / "3" / VIDEO).unlink()
    assert build_index(tmp_path, workers=2) == build_index(tmp_path, workers=1)


def test_links_are_followed_but_not_for_ever(tmp_path, write_numbered):
    """Labs keep data on several disks."""
    write_numbered(tmp_path / "disk/one")
    root = tmp_path / "data"
    root.mkdir()
    (root / "lab").symlink_to(tmp_path / "disk")
    (root / "self").symlink_to(root)
    assert [episode.name for episode in build_index(root).episodes] == ["lab/one"]


def test_an_episode_may_be_the_root(tmp_path, write_numbered):
    """One is a data set too."""
    (episode,) = build_index(write_numbered(tmp_path / "one")).episodes
    assert (episode.name, episode.path) == ("one", ".")


def test_a_root_that_is_no_folder_is_named(tmp_path):
    """Before any work."""
    with pytest.raises(NotADirectoryError, match="nowhere"):
        build_index(tmp_path / "nowhere")


@pytest.mark.parametrize("path", ["../../../other/recordings/MP4/../external.mp4", "/etc/hosts"])
def test_a_video_outside_the_episode_is_refused(path, tmp_path, write_numbered):
    """Metadata come with the data, from anywhere."""
    folder = write_numbered(tmp_path / "data/one")
    rewrite_metadata(folder, left_mp4_path=path)
    (skipped,) = build_index(tmp_path / "data").skipped
    assert skipped.reason == "path leads out of the data set"


def test_states_without_end_are_refused_and_not_read(tmp_path, write_numbered):
    """A file of a few kB can claim more rows than any memory holds."""
    folder = write_numbered(tmp_path / "one")
    with h5py.File(folder / "trajectory.h5", "r+") as trajectory:
        del trajectory[POSE]
        trajectory.create_dataset(POSE, (10**12, 6), "f8", chunks=(1024, 6))
    (skipped,) = build_index(tmp_path).skipped
    assert skipped.reason == "wrong shape" and "1000000000000 rows" in skipped.detail


def test_metadata_that_are_a_folder_are_skipped(tmp_path, write_numbered):
    """With the same reason as others that can't be read."""
    file = next(write_numbered(tmp_path / "one").glob("*.json"))
    file.unlink()
    file.mkdir()
    (skipped,) = build_index(tmp_path).skipped
    assert skipped.reason == "metadata unreadable"
