"""The sequencer's folder of captured goals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from tests.fuzz import readers
from tests.fuzz.cases import sizes
from tests.fuzz.child import Child
from tests.fuzz.page import Page
from tests.fuzz.test_calibration_files import json_files
from tests.fuzz.values import spoilt_bytes
from vjepa2_planning.goal_library import GoalLibrary
from vjepa2_planning.goal_view import GoalView

NAMES = ("cup", "a b", "é", ".hidden", "-", "x" * 64, "x" * 65, "cup.png")


@sizes(800)
def test_goal_folders(cases: int, page: Page, child: Child, tmp_path: Path) -> None:
    """What cannot be used is left out with a word; the rest is there."""
    image = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    good = GoalLibrary(tmp_path / "good").keep(GoalView("cup", image, np.zeros(7), 1.0, "camera"))
    png, facts = good.read_bytes(), json.loads(good.with_suffix(".json").read_text())
    folder = tmp_path / "goals"
    folder.mkdir()

    def examine(case: tuple[str, bytes, bytes]) -> str:
        for old in folder.iterdir():
            old.unlink()
        name, picture, beside = case
        (folder / f"{name}.png").write_bytes(picture)
        (folder / f"{name}.json").write_bytes(beside)
        return child.call(readers.goals, folder)

    pictures = st.just(png) | spoilt_bytes(png, start=60)
    texts = json_files(facts) | st.just(json.dumps(facts).encode())
    tally = page.tally("folders of captured goals")
    tally.draw(st.tuples(st.just("cup") | st.sampled_from(NAMES), pictures, texts), cases, examine)
    tally.check()
