"""Tasks: goals in order, each with the steps that it may take; read from YAML files."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from vjepa2_planner.goal_image import GoalImageError, read_goal_image
from vjepa2_planner.seeds import step_seed
from vjepa2_planner.task_fields import (
    TaskError,
    finite_number,
    mapping,
    name_of,
    shown,
    whole_number,
)

TASK_KEYS = ("name", "seed", "sub_goals")
SUB_GOAL_KEYS = ("name", "image", "steps", "energy_threshold")
MAX_STEPS = 1000
MAX_SEED = 2**64 - 1


@dataclass(frozen=True)
class SubGoal:
    """A goal of a task, pursued for at most ``steps`` steps.

    image: its file; None stands for the captured goal called ``name``.
    energy_threshold: done when the energy falls below it; 0: the steps alone decide.
    """

    name: str
    image: Path | None
    steps: int
    energy_threshold: float = 0.0


@dataclass(frozen=True)
class Task:
    """Sub-goals in order. The paper's pick-and-place has three, of 4, 10 and 4 steps."""

    name: str
    sub_goals: tuple[SubGoal, ...]
    seed: int = 0


def pursuit_seed(task_seed: int, sub_goal: int, resumed: int) -> int:
    """Seed of the pursuit of a sub-goal after ``resumed`` interruptions; all at least 0."""
    return step_seed(step_seed(task_seed, sub_goal), resumed)


def read_task(path: Path | str) -> Task:
    """The task of a YAML file; its images' paths are relative to the file.

    Example::

        name: pick_and_place_cup
        sub_goals:
          - {name: grasp, image: grasp.png, steps: 4}
          - {name: move, image: move.png, steps: 10}
          - {name: place, image: place.png, steps: 4}

    ``seed`` (default 0) and, for a sub-goal, ``energy_threshold`` (default 0) may be given; a
    sub-goal without ``image`` is the captured goal of its name. Raises TaskError.
    """
    file = Path(path)
    document = mapping(_document(file), TASK_KEYS, str(file))
    name = name_of(document, str(file))
    seed = whole_number(document.get("seed", 0), 0, MAX_SEED, f"{file}: seed")
    listed = document.get("sub_goals")
    if not isinstance(listed, list) or not listed:
        raise TaskError(f"{file}: sub_goals must list at least one sub-goal")
    sub_goals = tuple(_sub_goal(entry, file, number) for number, entry in enumerate(listed))
    _check_names_differ(sub_goals, file)
    _check_images(sub_goals, file)
    return Task(name, sub_goals, seed)


def _document(file: Path) -> Any:
    try:
        if file.exists() and not file.is_file():
            raise OSError(errno.EINVAL, "it is no file")  # a device would be read for ever
        return yaml.safe_load(file.read_bytes())
    except FileNotFoundError:
        raise TaskError(f"{file} is not there; check the path") from None
    except OSError as error:
        raise TaskError(f"{file} cannot be read: {error.strerror}") from error
    # Besides YAMLError: a date that is none is a ValueError, a deep nest a RecursionError, and
    # the reader of odd tags has errors of its own.
    except Exception as error:
        reason = " ".join(str(error).split())
        raise TaskError(f"{file} is not valid YAML ({reason}); correct it there") from error


def _sub_goal(value: Any, file: Path, number: int) -> SubGoal:
    where = f"{file}: sub-goal {number + 1}"
    entry = mapping(value, SUB_GOAL_KEYS, where)
    name = name_of(entry, where)
    where = f"{where} ({name})"
    if "steps" not in entry:
        raise TaskError(f"{where}: steps is missing; say how many it may take")
    steps = whole_number(entry["steps"], 1, MAX_STEPS, f"{where}: steps")
    threshold = finite_number(entry.get("energy_threshold", 0.0), f"{where}: energy_threshold")
    image = entry.get("image")
    if image is not None and (not isinstance(image, str) or not image):
        raise TaskError(f"{where}: image must be the path of a file, not {shown(image)}")
    return SubGoal(name, None if image is None else file.parent / image, steps, threshold)


def _check_names_differ(sub_goals: Sequence[SubGoal], file: Path) -> None:
    names = [sub_goal.name for sub_goal in sub_goals]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise TaskError(
                f"{file}: sub-goals {names.index(name) + 1} and {number + 1} have the same name "
                f"{name}; give each its own"
            )


def _check_images(sub_goals: Sequence[SubGoal], file: Path) -> None:
    first: tuple[str, tuple[int, ...]] | None = None
    for number, sub_goal in enumerate(sub_goals):
        if sub_goal.image is None:
            continue
        where = f"{file}: sub-goal {number + 1} ({sub_goal.name}): image {sub_goal.image}"
        try:
            size = read_goal_image(sub_goal.image).shape[:2]
        except GoalImageError as error:
            raise TaskError(f"{where} {error}") from error
        if first is None:
            first = (sub_goal.name, size)
        elif size != first[1]:
            raise TaskError(
                f"{where} is {size[1]} x {size[0]} px but that of {first[0]} is "
                f"{first[1][1]} x {first[1][0]} px; take all with the same camera settings"
            )
