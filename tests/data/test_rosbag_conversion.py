"""Bags of this stack become episodes; damaged and odd ones are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from rosbags.rosbag2 import StoragePlugin
from scipy.spatial.transform import Rotation

from tests.data.bag_file import (
    Bag,
    every,
    image_message,
    images,
    jpeg_message,
    picture,
    pose,
    state_message,
    states,
)
from vjepa2_data import build_index, open_episode
from vjepa2_data.rosbag_conversion import ConversionSettings, convert_bag
from vjepa2_data.rosbag_topics import BagError
from vjepa2_node import names

SHORT = ConversionSettings(min_seconds=1.0, max_seconds=10.0)


def levels(root: Path) -> NDArray[np.float64]:
    """Mean grey of every frame of the only episode in `root`."""
    (episode,) = build_index(root, workers=1).episodes
    with open_episode(root, episode) as reader:
        clip = reader.read(range(episode.frames))
    levels: NDArray[np.float64] = clip.frames.astype(np.float64).mean(axis=(1, 2))
    return levels


def test_defaults_are_the_topics_of_the_stack() -> None:
    """The topics looked for by default are those that the nodes publish."""
    assert ConversionSettings().image_topic == names.IMAGE
    assert ConversionSettings().state_topic == names.END_EFFECTOR_STATE


@pytest.mark.parametrize("storage", list(StoragePlugin))
def test_episode_has_picture_and_state_of_one_instant(
    tmp_path: Path, storage: StoragePlugin
) -> None:
    """Each frame of the episode goes with the state at its capture, also where roll wraps."""
    bag = Bag(images(every(15, 4.5, 0.1)), states(every(50, 4.7))).write(tmp_path / "bag", storage)

    conversion = convert_bag(bag, tmp_path / "out")

    assert [path.name for path in conversion.episodes] == ["bag_000"]
    assert conversion.skipped == () and conversion.dropped == {}
    assert conversion.fps == 15.0
    (episode,) = build_index(tmp_path / "out", workers=1).episodes
    assert (episode.frames, episode.fps) == (66, 15.0)
    with open_episode(tmp_path / "out", episode) as reader:
        clip = reader.read([0, 20, 65])
    times = [0.1, 1.4333333, 4.4333333]
    for frame, state, time in zip(clip.frames, clip.states, times, strict=True):
        np.testing.assert_allclose(state[[0, 1, 2, 6]], pose(time)[[0, 1, 2, 6]], atol=1e-5)
        turned = Rotation.from_euler("xyz", state[3:6]).inv()
        assert (turned * Rotation.from_euler("xyz", pose(time)[3:6])).magnitude() < 1e-4
        np.testing.assert_allclose(frame.mean(axis=(0, 1)), picture(time)[0, 0], atol=3)


def test_blue_first_and_compressed_pictures_come_out_red_first(tmp_path: Path) -> None:
    """bgr8 and JPEG messages give the same RGB frames as rgb8."""
    times, known = every(15, 3), states(every(50, 3))
    Bag(images(times, "bgr8"), known).write(tmp_path / "blue")
    jpegs = [(time, jpeg_message(time)) for time in times]
    Bag(jpegs, known, "/camera/image_raw/compressed").write(tmp_path / "jpeg")
    compressed = ConversionSettings("camera/image_raw/compressed", min_seconds=1.0)
    convert_bag(tmp_path / "blue", tmp_path / "a", SHORT)
    convert_bag(tmp_path / "jpeg", tmp_path / "b", compressed)
    for folder in ("a", "b"):
        red, _, blue = levels(tmp_path / folder).T
        assert np.abs(red - blue - 5).max() < 3


def test_lower_rate_takes_the_nearest_pictures(tmp_path: Path) -> None:
    """fps=5 of a 15 Hz camera takes every third picture."""
    bag = Bag(images(every(15, 3)), states(every(50, 3))).write(tmp_path / "bag")
    settings = ConversionSettings(fps=5, min_seconds=1.0)
    assert convert_bag(bag, tmp_path / "out", settings).fps == 5
    found = levels(tmp_path / "out")[:, 1]
    assert len(found) == 15
    np.testing.assert_allclose(found, [picture(time)[0, 0, 1] for time in every(5, 3)], atol=2)


def test_a_lost_picture_keeps_the_clock(tmp_path: Path) -> None:
    """Where one picture is missing, the frames after it stay at their time."""
    times = every(15, 3)
    del times[20]
    bag = Bag(images(times), states(every(50, 3))).write(tmp_path / "bag")
    convert_bag(bag, tmp_path / "out", SHORT)
    found = levels(tmp_path / "out")[:, 1]
    assert len(found) == 45
    assert abs(found[-1] - picture(times[-1])[0, 0, 1]) < 3


def test_gaps_end_episodes(tmp_path: Path) -> None:
    """A pause between pictures splits the bag; what is too short is skipped with its time."""
    times = [*every(15, 2), *every(15, 5, 3), *every(15, 6.5, 6)]
    bag = Bag(images(times), states(every(50, 7))).write(tmp_path / "bag")
    conversion = convert_bag(bag, tmp_path / "out", SHORT)
    assert [path.name for path in conversion.episodes] == ["bag_000", "bag_001"]
    (skipped,) = conversion.skipped
    assert skipped.reason == "shorter than 1 s" and skipped.detail == "0.47 s"
    assert skipped.path.startswith("bag 1700000006.000 to")


def test_long_bags_are_cut_evenly(tmp_path: Path) -> None:
    """An episode is never longer than max_seconds."""
    bag = Bag(images(every(15, 7)), states(every(50, 7))).write(tmp_path / "bag")
    settings = ConversionSettings(min_seconds=1.0, max_seconds=3.0)
    assert len(convert_bag(bag, tmp_path / "out", settings).episodes) == 3
    frames = [episode.frames for episode in build_index(tmp_path / "out", min_frames=1).episodes]
    assert sum(frames) == 105 and max(frames) - min(frames) <= 1


def test_states_that_are_not_finite_are_dropped(tmp_path: Path) -> None:
    """NaN states are counted; pictures in the hole that they leave are dropped."""
    known = states(every(50, 6))
    for row in range(145, 156):
        known[row] = (known[row][0], state_message(known[row][0], np.full(7, np.nan)))
    bag = Bag(images(every(15, 6)), known).write(tmp_path / "bag")
    conversion = convert_bag(bag, tmp_path / "out", SHORT)
    assert conversion.dropped["state that is not finite"] == 11
    assert conversion.dropped["image without states around it"] == 3
    assert len(conversion.episodes) == 2


def test_order_of_receipt_does_not_matter(tmp_path: Path) -> None:
    """Messages that overtook each other, or came twice, are put in the order of capture."""
    late = images(every(15, 3))
    late[10], late[11] = (late[11][0], late[10][1]), (late[10][0], late[11][1])
    late.append((1.0, image_message(every(15, 3)[5])))
    bag = Bag(late, states(every(50, 3))).write(tmp_path / "bag")
    conversion = convert_bag(bag, tmp_path / "out", SHORT)
    assert conversion.dropped == {"image with the stamp of another": 1}
    found = levels(tmp_path / "out")[:, 1]
    np.testing.assert_allclose(found, [picture(time)[0, 0, 1] for time in every(15, 3)], atol=2)


def test_a_clock_that_was_set_back_starts_anew(tmp_path: Path) -> None:
    """A reset of the simulation does not mix two runs of the same stamps."""
    twice = Bag()
    for run in (0.0, 5.0):
        twice.images += [(run + time, message) for time, message in images(every(15, 3))]
        twice.states += [(run + time, message) for time, message in states(every(50, 3))]
    conversion = convert_bag(twice.write(tmp_path / "bag"), tmp_path / "out", SHORT)
    assert len(conversion.episodes) == 2
    assert conversion.dropped == {}


def test_a_topic_in_a_namespace_is_found_and_a_missing_one_named(tmp_path: Path) -> None:
    """The error for a missing topic lists those in the bag."""
    lab = Bag(images(every(15, 3)), states(every(50, 3)), "/lab/camera/image_raw")
    bag = lab.write(tmp_path / "bag")
    assert convert_bag(bag, tmp_path / "out", SHORT).episodes
    with pytest.raises(BagError, match=r"no topic /other; .* /end_effector_state, /lab/camera/"):
        convert_bag(bag, tmp_path / "more", ConversionSettings(image_topic="other"))
    with pytest.raises(BagError, match="holds vjepa2_msgs/msg/EndEffectorState, not sensor_msgs"):
        convert_bag(bag, tmp_path / "more", ConversionSettings(image_topic="end_effector_state"))


def test_depth_pictures_are_skipped_with_the_encodings_that_work(tmp_path: Path) -> None:
    """A wrong encoding is a reason, and names what to record instead."""
    bag = Bag(images(every(15, 3), "16UC1"), states(every(50, 3))).write(tmp_path / "bag")
    conversion = convert_bag(bag, tmp_path / "out", SHORT)
    assert conversion.episodes == ()
    assert conversion.skipped[0].reason == "image encoding can't be read"
    assert "'16UC1'; record one of rgb8, bgr8" in conversion.skipped[0].detail


def test_clocks_that_disagree_are_named(tmp_path: Path) -> None:
    """Pictures and states without common time: both spans are told."""
    bag = Bag(images(every(15, 3)), states(every(50, 13, 10))).write(tmp_path / "bag")
    with pytest.raises(BagError, match=r"pictures 1700000000\.000 to .*, states 1700000010\.000"):
        convert_bag(bag, tmp_path / "out", SHORT)


def test_a_slow_camera_and_too_high_a_rate_are_refused(tmp_path: Path) -> None:
    """Neither is filled up with repeated pictures."""
    bag = Bag(images(every(2, 8)), states(every(50, 8))).write(tmp_path / "bag")
    with pytest.raises(BagError, match=r"took 2 pictures a second.*max_gap"):
        convert_bag(bag, tmp_path / "out", SHORT)
    with pytest.raises(BagError, match="30 fps asked for, but the camera took 2"):
        convert_bag(bag, tmp_path / "out", ConversionSettings(fps=30, max_gap=1.0))


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_bag_is_named_with_a_remedy(tmp_path: Path, kept: float) -> None:
    """A recorder that was killed leaves a file without its end."""
    bag = Bag(images(every(15, 3)), states(every(50, 3))).write(tmp_path / "bag")
    file = bag / "bag.mcap"
    file.write_bytes(file.read_bytes()[: int(kept * file.stat().st_size)])
    for path in (bag, file):
        with pytest.raises(BagError, match=r"can't be read .* `mcap recover"):
            convert_bag(path, tmp_path / "out", SHORT)
    assert not (tmp_path / "out").exists()


def test_a_bag_without_metadata_is_read_from_its_files(tmp_path: Path) -> None:
    """metadata.yaml is written last; the mcap file may be whole without it."""
    bag = Bag(images(every(15, 3)), states(every(50, 3))).write(tmp_path / "bag")
    (bag / "metadata.yaml").unlink()
    assert len(convert_bag(bag, tmp_path / "out", SHORT).episodes) == 1


def test_what_is_no_bag_is_said_to_be_none(tmp_path: Path) -> None:
    """An empty folder, a missing path, and a topic without messages."""
    with pytest.raises(BagError, match=r"holds no metadata.yaml"):
        convert_bag(tmp_path, tmp_path / "out")
    with pytest.raises(BagError, match="does not exist"):
        convert_bag(tmp_path / "none", tmp_path / "out")
    silent = Bag(images(every(15, 3))).write(tmp_path / "bag")
    with pytest.raises(BagError, match="/end_effector_state has no message"):
        convert_bag(silent, tmp_path / "out")


def test_episodes_of_an_earlier_conversion_are_kept(tmp_path: Path) -> None:
    """Converting twice to one folder is refused."""
    bag = Bag(images(every(15, 3)), states(every(50, 3))).write(tmp_path / "bag")
    convert_bag(bag, tmp_path / "out", SHORT)
    with pytest.raises(FileExistsError, match="bag_000 is there already"):
        convert_bag(bag, tmp_path / "out", SHORT)


def test_settings_that_cut_an_episode_too_short_are_refused() -> None:
    """max_seconds leaves room for two parts of min_seconds."""
    with pytest.raises(ValueError, match="at least twice min_seconds"):
        ConversionSettings(min_seconds=4, max_seconds=7)
    with pytest.raises(ValueError, match="max_gap is 0"):
        ConversionSettings(max_gap=0)


@pytest.mark.parametrize("damage", ["cut", "monstrous"])
def test_broken_pictures_are_a_reason(
    tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cut one, and one of more pixels than Pillow takes for real."""
    sent = [(time, jpeg_message(time)) for time in every(15, 3)]
    if damage == "monstrous":
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    else:
        sent[20][1].data = sent[20][1].data[:60]
    bag = Bag(sent, states(every(50, 3))).write(tmp_path / "bag")
    (skipped,) = convert_bag(bag, tmp_path / "out", SHORT).skipped
    assert skipped.reason == "a compressed image can't be decoded"


def test_stamps_of_no_camera_are_refused(tmp_path: Path) -> None:
    """A burst of stamps, nanoseconds apart, would be an episode of billions of frames."""
    burst = [(0.1 + 1e-8 * k, image_message(0.1 + 1e-8 * k)) for k in range(60)]
    bag = Bag([*burst, *images(every(15, 3, 0.2))], states(every(50, 3))).write(tmp_path / "bag")
    with pytest.raises(BagError, match="which can't be; give the true fps"):
        convert_bag(bag, tmp_path / "out", SHORT)
    fifteen = ConversionSettings(fps=15, min_seconds=1.0)
    assert len(convert_bag(bag, tmp_path / "out", fifteen).episodes) == 1


def test_a_name_with_brackets_is_a_name(tmp_path: Path) -> None:
    """And no pattern."""
    bag = Bag(images(every(15, 3)), states(every(50, 3))).write(tmp_path / "bag[1]")
    convert_bag(bag, tmp_path / "out", SHORT)
    with pytest.raises(FileExistsError, match="choose another folder"):
        convert_bag(bag, tmp_path / "out", SHORT)


def test_a_camera_that_names_no_file_is_refused_at_once() -> None:
    """Before the bag is read."""
    with pytest.raises(ValueError, match="can't name a video file"):
        ConversionSettings(camera="../wrist")
