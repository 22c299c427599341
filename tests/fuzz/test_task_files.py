"""Task files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import strategies as st

from tests.fuzz import readers
from tests.fuzz.cases import sizes
from tests.fuzz.child import Child
from tests.fuzz.page import Page
from tests.fuzz.values import EXECUTED, mutated, spoilt_text
from vjepa2_planner.goal_image import write_goal_image

TASK = {
    "name": "cup",
    "seed": 3,
    "sub_goals": [
        {"name": "grasp", "image": "grasp.png", "steps": 4, "energy_threshold": 0.2},
        {"name": "move", "steps": 10},
    ],
}


def yaml_files(document: object) -> st.SearchStrategy[bytes]:
    """A document that is spoilt as values, or as text."""
    plain = st.builds(lambda d: yaml.safe_dump(d, allow_unicode=True).encode(), mutated(document))
    return plain | spoilt_text(yaml.safe_dump(document, sort_keys=False))


@sizes(2000)
def test_task_files(
    cases: int, page: Page, child: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TaskError, and nothing is run that a file names."""
    write_goal_image(tmp_path / "grasp.png", np.zeros((8, 8, 3), dtype=np.uint8))
    path = tmp_path / "task.yaml"

    def examine(content: bytes) -> str:
        path.write_bytes(content)
        return child.call(readers.task_file, path)

    tally = page.tally("task files")
    tally.draw(yaml_files(TASK), cases, examine)
    tally.check()
    assert not Path(EXECUTED).exists()
