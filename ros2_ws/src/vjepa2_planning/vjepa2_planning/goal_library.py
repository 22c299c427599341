"""Captured goals: PNG files with the arm's state beside them, in one folder."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.goal_image import GoalImageError, read_goal_image, write_goal_image
from vjepa2_planner.task_fields import NAME_RULE, is_name
from vjepa2_planning.goal_view import GoalView


class GoalLibrary:
    """Goals by name. A goal is NAME.png, and NAME.json with state, stamp and frame if known.

    An image that somebody puts into the folder is a goal without a state.
    """

    def __init__(self, folder: Path) -> None:
        """Raises ValueError where `folder` is something else; it need not exist."""
        if folder.exists() and not folder.is_dir():
            raise ValueError(f"goal_folder {folder} is not a folder; choose another")
        self.folder = folder
        self._goals: dict[str, GoalView] = {}  # replaced, never changed: others iterate it
        self._storing = threading.Lock()

    @property
    def names(self) -> list[str]:
        """In alphabetical order."""
        return sorted(self._goals)

    def load(self) -> list[str]:
        """Read the folder; returns a sentence for each file that cannot be used."""
        goals: dict[str, GoalView] = {}
        faults: list[str] = []
        for path in sorted(self.folder.glob("*.png")):
            try:
                goals[path.stem] = _read(path)
            except ValueError as error:
                faults.append(f"{path} {error}")
        self._goals = goals
        return faults

    def get(self, name: str) -> GoalView | None:
        """The goal of that name."""
        return self._goals.get(name)

    def path(self, name: str) -> Path:
        """Where a goal is stored. Raises ValueError for a name that could lead elsewhere."""
        if not is_name(name):
            raise ValueError(f"the name of a goal must be {NAME_RULE}, not {name!r}")
        return self.folder / f"{name}.png"

    def keep(self, goal: GoalView) -> Path:
        """Store a goal, in place of one of the same name. Raises ValueError, OSError."""
        path = self.path(goal.name)
        facts = {
            "state": None if goal.state is None else goal.state.tolist(),
            "stamp": goal.stamp,
            "frame_id": goal.frame_id,
        }
        with self._storing:
            self.folder.mkdir(parents=True, exist_ok=True)
            _store(path, goal.image, json.dumps(facts, indent=1) + "\n")
            self._goals = {**self._goals, goal.name: goal}
        return path


def _store(path: Path, image: NDArray[np.uint8], facts: str) -> None:
    """Cut off at any point, it leaves no image beside the state of another."""
    beside = path.with_suffix(".json")
    new_image, new_facts = path.with_suffix(".png.new"), path.with_suffix(".json.new")
    try:
        write_goal_image(new_image, image)
        new_facts.write_text(facts)
        beside.unlink(missing_ok=True)
        new_image.replace(path)
        new_facts.replace(beside)
    finally:
        new_image.unlink(missing_ok=True)
        new_facts.unlink(missing_ok=True)


def _read(path: Path) -> GoalView:
    if not is_name(path.stem):
        raise ValueError(f"must be called after a goal: {NAME_RULE}")
    try:
        image = read_goal_image(path)
    except GoalImageError as error:
        raise ValueError(str(error)) from error
    beside = path.with_suffix(".json")
    if not beside.exists():
        return GoalView(path.stem, image)
    try:
        facts = json.loads(beside.read_text())
        state = None if facts["state"] is None else np.array(facts["state"], dtype=np.float64)
        goal = GoalView(path.stem, image, state, float(facts["stamp"]), str(facts["frame_id"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"is left out: {beside.name} cannot be read ({error})") from error
    if not np.isfinite(goal.stamp):
        raise ValueError(f"is left out: the stamp in {beside.name} is not finite")
    if state is not None and not (state.shape == (7,) and np.isfinite(state).all()):
        raise ValueError(f"is left out: the state in {beside.name} is not 7 finite numbers")
    return goal
