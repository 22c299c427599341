"""Task files that pages show are read as they stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.docs.pages import ROOT, Found, fenced
from vjepa2_planner.goal_image import write_goal_image
from vjepa2_planner.task import read_task

SHOWN = [block for block in fenced("yaml") if "sub_goals" in yaml.safe_load(block.text)]
FILES = sorted((ROOT / "config/tasks").glob("*.yaml"))


@pytest.mark.parametrize("example", SHOWN, ids=str)
def test_a_task_that_is_shown_is_read(example: Found, tmp_path: Path) -> None:
    """The images that it names are put beside it."""
    for sub_goal in yaml.safe_load(example.text)["sub_goals"]:
        if "image" in sub_goal:
            image = tmp_path / sub_goal["image"]
            image.parent.mkdir(parents=True, exist_ok=True)
            write_goal_image(image, np.zeros((8, 8, 3), np.uint8))
    file = tmp_path / "task.yaml"
    file.write_text(example.text)
    assert read_task(file).sub_goals


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_task_that_is_kept_is_read(file: Path) -> None:
    """The files of config/tasks."""
    assert read_task(file).sub_goals


def test_tasks_are_found() -> None:
    """The tests above would pass on none."""
    assert SHOWN and FILES
