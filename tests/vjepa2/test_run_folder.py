"""Folders of runs."""

from datetime import datetime

from vjepa2.run_folder import link_latest, new_run_folder

NOW = datetime(2030, 1, 2, 3, 4, 5)


def test_folders_of_the_same_second_differ(tmp_path):
    """No run writes into another's folder."""
    first, second = new_run_folder(tmp_path, NOW), new_run_folder(tmp_path, NOW)
    assert first.name == "2030-01-02_03-04-05"
    assert second.name == "2030-01-02_03-04-05_2"
    assert first.is_dir()
    assert second.is_dir()


def test_latest_points_to_the_newest(tmp_path):
    """The link is relative, so that the folder can be moved, and is replaced."""
    for _ in range(2):
        folder = new_run_folder(tmp_path, NOW)
        link_latest(folder)
    assert (tmp_path / "latest").readlink().name == folder.name
    assert (tmp_path / "latest").resolve() == folder.resolve()
    assert not list(tmp_path.glob(".latest*"))
