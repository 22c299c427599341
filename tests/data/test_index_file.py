"""The index on disk."""

import json
import os

import pytest

from vjepa2_data import EmptyIndexError, build_index, read_index, write_index


@pytest.fixture
def root(tmp_path, write_numbered):
    """A data set of a good and a broken episode."""
    write_numbered(tmp_path / "good")
    (write_numbered(tmp_path / "bad") / "trajectory.h5").write_text("nothing")
    return tmp_path


def test_an_index_is_read_as_it_was_written(root):
    """With what was skipped."""
    index = build_index(root)
    write_index(index)
    assert read_index(root) == index
    assert sorted(path.name for path in root.iterdir()) == ["bad", "good", "index.json"]


def test_a_full_disk_is_named_and_keeps_the_old_one(root):
    """Every write to /dev/full fails as on a full disk."""
    index = build_index(root)
    write_index(index)
    (root / f"index.json.{os.getpid()}.partial").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"can't write .*/index\.json: No space left"):
        write_index(index)
    assert read_index(root) == index
    assert sorted(path.name for path in root.iterdir()) == ["bad", "good", "index.json"]


def test_without_one_it_is_built_and_kept(root):
    """So that a training can start on any folder of episodes."""
    index = read_index(root)
    assert [episode.name for episode in index.episodes] == ["good"]
    assert (root / "index.json").is_file()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": 2, "episodes": [], "skipped": []}', '{"format": 1}']
)
def test_another_format_is_named_with_the_remedy(content, root):
    """Rather than guessed at."""
    (root / "index.json").write_text(content)
    with pytest.raises(
        ValueError, match=r"index\.json is no index of format 1.*vjepa2 data index"
    ):
        read_index(root)


def test_an_index_of_another_version_of_the_fields_too(root):
    """Its episodes hold what nobody knows."""
    write_index(build_index(root))
    content = json.loads((root / "index.json").read_text())
    content["episodes"][0]["colour"] = "blue"
    (root / "index.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match="colour"):
        read_index(root)


def test_an_index_of_another_camera_is_not_taken(root):
    """It would train on the wrong view in silence."""
    write_index(build_index(root))
    assert read_index(root, camera="left").episodes
    with pytest.raises(ValueError, match=r"of the left camera.*--camera wrist"):
        read_index(root, camera="wrist")


def test_an_empty_folder_says_what_was_looked_for(tmp_path):
    """And where."""
    with pytest.raises(EmptyIndexError, match=f"{tmp_path.name}.*trajectory.h5"):
        read_index(tmp_path)


def test_only_broken_episodes_say_why(root):
    """The commonest reason first; the next call looks again."""
    (root / "good" / "recordings/MP4/external.mp4").unlink()
    with pytest.raises(EmptyIndexError, match=r"skipped: .*video is missing"):
        read_index(root)
    assert not (root / "index.json").exists()


def test_a_data_set_that_has_gone_is_named(tmp_path):
    """Not a mere missing index."""
    with pytest.raises(NotADirectoryError, match="gone"):
        read_index(tmp_path / "gone")


@pytest.mark.parametrize("path", ["../elsewhere", "/elsewhere"])
def test_an_index_does_not_lead_out_of_its_folder(root, path):
    """It may have come with the data."""
    write_index(build_index(root))
    content = json.loads((root / "index.json").read_text())
    content["episodes"][0]["path"] = path
    (root / "index.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"leads out of the data set.*vjepa2 data index"):
        read_index(root)
