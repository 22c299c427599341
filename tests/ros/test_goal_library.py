"""Captured goals in a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vjepa2_planning.goal_library import GoalLibrary
from vjepa2_planning.goal_view import GoalView


def goal(brightness: int) -> GoalView:
    """A goal whose state tells its brightness."""
    image = np.full((4, 6, 3), brightness, np.uint8)
    return GoalView("cup", image, np.full(7, float(brightness)), 1.0, "camera")


def test_kept_and_read_again(tmp_path: Path) -> None:
    """A goal of the same name replaces; nothing unfinished stays."""
    library = GoalLibrary(tmp_path)
    for brightness in (10, 20):
        library.keep(goal(brightness))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cup.json", "cup.png"]
    again = GoalLibrary(tmp_path)
    assert again.load() == []
    kept = again.get("cup")
    assert kept is not None and kept.state is not None
    assert kept.image[0, 0, 0] == kept.state[0] == 20


@pytest.mark.parametrize("count", range(7))
def test_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """After any change of the folder: no image is found beside the state of another."""
    library = GoalLibrary(tmp_path)
    library.keep(goal(10))
    left = count

    def cutting_off(act: str) -> None:
        original = getattr(Path, act)

        def cut(path: Path, *arguments: object, **options: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError("the power is gone")
            return original(path, *arguments, **options)

        monkeypatch.setattr(Path, act, cut)

    for act in ("replace", "unlink", "write_text"):
        cutting_off(act)
    with pytest.raises(OSError, match="the power is gone"):
        library.keep(goal(20))
    monkeypatch.undo()
    again = GoalLibrary(tmp_path)
    assert again.load() == []
    kept = again.get("cup")
    assert kept is not None
    brightness = 10 if count < 4 else 20
    assert kept.image[0, 0, 0] == brightness
    assert (kept.state is None) is (count in (3, 4))
    assert kept.state is None or kept.state[0] == brightness
