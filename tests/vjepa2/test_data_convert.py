"""`vjepa2 data convert`, and that what it writes is read beside other data."""

import numpy as np
import pytest

from tests.data.bag_file import Bag, every, images, pose, states
from tests.data.lerobot_files import Dataset
from vjepa2.data import main
from vjepa2_data import build_index, open_episode, read_index
from vjepa2_sim.exit_status import exit_status

SHORT = ("--min-seconds", "1")


@pytest.fixture
def bag(tmp_path):
    """Three seconds of a camera and an arm."""
    recorded = Bag(images(every(15, 3, 0.1)), states(every(50, 3.2)))
    return recorded.write(tmp_path / "bags/monday")


def test_bag_and_lerobot_data_sets_are_read_from_one_index(bag, tmp_path):
    """A clip of each: DROID's layout from a bag, LeRobot v2.1 and v3.0."""
    root = tmp_path / "data"
    Dataset((30,)).write(root / "old", "v2.1")
    Dataset((30, 30, 30)).write(root / "new", "v3.0")
    assert exit_status(main, ["convert", str(bag), "--out", str(root / "lab"), *SHORT]) == 0
    assert exit_status(main, ["index", str(root)]) == 0
    index = read_index(root)
    assert [(episode.name, episode.kind) for episode in index.episodes] == [
        ("lab/monday_000", "droid"),
        *((f"new/episode_{number:06d}", "lerobot") for number in range(3)),
        ("old/episode_000000", "lerobot"),
    ]
    for episode in index.episodes:
        with open_episode(root, episode) as reader:
            clip = reader.read(range(0, 16, 4))
        assert clip.frames.shape == (4, 32, 48, 3) and clip.states.shape == (4, 7)
        if episode.kind == "droid":
            np.testing.assert_allclose(clip.states[0, :3], pose(0.1)[:3], atol=1e-5)


def test_one_bad_bag_leaves_the_others(bag, tmp_path, capsys):
    """It is named with its reason, and the status tells of it."""
    broken, out = tmp_path / "bags/broken", tmp_path / "out"
    broken.mkdir()
    arguments = ["convert", str(broken), str(tmp_path / "gone"), str(bag), "--out", str(out)]
    assert exit_status(main, [*arguments, *SHORT]) == 2
    said = capsys.readouterr()
    assert "broken: " in said.err and "no rosbag2 recording" in said.err
    assert "gone does not exist" in said.err
    assert "monday: 1 episodes of 15 fps" in said.out
    assert "1 episodes written to" in said.out and "2 of 3 bags failed" in said.out
    assert [path.name for path in out.iterdir()] == ["monday_000"]


def test_nothing_written_is_status_2(bag, tmp_path, capsys):
    """All of it too short by default: said with the time, and no folder is made."""
    assert exit_status(main, ["convert", str(bag), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().out
    assert "shorter than 4 s" in said and "0 episodes written" in said
    assert not (tmp_path / "out").exists()


def test_every_setting_is_an_option(bag, tmp_path):
    """Rate, length and the video's name arrive."""
    out = tmp_path / "out"
    options = ["--fps", "5", "--max-seconds", "2", "--camera", "front", "--max-gap", "0.5"]
    options += ["--max-state-gap", "0.2", "--image-topic", "image_raw"]
    assert exit_status(main, ["convert", str(bag), "--out", str(out), *SHORT, *options]) == 0
    assert {path.name for path in out.glob("*/recordings/MP4/*")} == {"front.mp4"}
    assert [episode.fps for episode in build_index(out, min_frames=1).episodes] == [5.0, 5.0]


@pytest.mark.parametrize(
    ("options", "fault"),
    [(["--min-seconds", "40"], "at least twice"), (["--camera", "../a"], "can't name a video")],
)
def test_settings_that_can_not_be_end_it_at_once(options, fault, bag, tmp_path, capsys):
    """Once, and not for each bag."""
    out = ["--out", str(tmp_path / "out")]
    assert exit_status(main, ["convert", str(bag), str(bag), *out, *options]) == 2
    assert capsys.readouterr().err.count(fault) == 1
