"""`vjepa2 data`."""

import h5py
import numpy as np
import pytest

from vjepa2.data import main
from vjepa2_data import Recording, read_index, write_episode
from vjepa2_sim.exit_status import exit_status


@pytest.fixture
def root(tmp_path):
    """A data set of three episodes, one of them broken."""
    for name in "abc":
        frames = np.zeros((12, 32, 32, 3), np.uint8)
        recording = Recording(frames, np.zeros((12, 7)), 4.0, metadata={"success": name == "a"})
        write_episode(recording, tmp_path / name)
    (tmp_path / "c" / "recordings/MP4/external.mp4").unlink()
    return tmp_path


def test_an_index_is_built_and_summed_up(root, capsys):
    """Broken episodes are shown, and no failure."""
    assert exit_status(main, ["index", str(root)]) == 0
    shown = capsys.readouterr().out
    for expected in ("episodes", "2", "24", "1 (1 not, 0 unknown)", "skipped 1: video is missing"):
        assert expected in shown
    assert [episode.name for episode in read_index(root).episodes] == ["a", "b"]


def test_without_a_usable_episode_the_status_is_2(root, capsys):
    """And the reason is on one line; an index that was there stays."""
    assert exit_status(main, ["index", str(root), "--min-frames", "13"]) == 2
    assert "no usable episode" in capsys.readouterr().err
    assert not (root / "index.json").exists()


def test_videos_whose_rate_is_not_that_of_their_time_stamps_are_pointed_out(root, capsys):
    """As DROID's are; the true rate is an option."""
    with h5py.File(root / "a" / "trajectory.h5", "r+") as trajectory:
        key = "observation/timestamp/cameras/external_estimated_capture"
        trajectory[key] = np.arange(12) * 1000
    assert exit_status(main, ["index", str(root)]) == 0
    assert "--fps" in capsys.readouterr().out
    assert exit_status(main, ["index", str(root), "--fps", "1"]) == 0
    assert "--fps" not in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_one_line(tmp_path, capsys):
    """With its name."""
    assert exit_status(main, ["index", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--workers", "0"], ["--min-frames", "-1"], ["--fps", "nan"]])
def test_senseless_options_are_refused(option, root):
    """Before any work."""
    with pytest.raises(SystemExit) as ended:
        main(["index", str(root), *option])
    assert ended.value.code == 2


@pytest.mark.parametrize("command", [[], ["index"], ["convert"]])
def test_help_is_there_for_each_command(command, capsys):
    """With examples."""
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert "examples:" in capsys.readouterr().out


def test_help_says_what_rate_droid_has(capsys):
    """Its videos do not."""
    with pytest.raises(SystemExit):
        main(["index", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "say 60 frames per second, but were taken at 15" in shown


def test_names_with_brackets_are_shown_as_they_are(tmp_path, capsys):
    """And not taken for rich's markup."""
    root = tmp_path / "[bold]"
    write_episode(
        Recording(np.zeros((12, 32, 32, 3), np.uint8), np.zeros((12, 7)), 4.0), root / "a"
    )
    assert exit_status(main, ["index", str(root)]) == 0
    assert "[bold]" in capsys.readouterr().out.replace("\n", "")
