"""Where a task is, and how it ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, Protocol, TypeVar

from vjepa2_planner import Outcome
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.interruption import Interruption


class TaskState(IntEnum):
    """As in TaskStatus."""

    IDLE = 0
    PREFLIGHT = 1
    RUNNING = 2
    PAUSING = 3
    PAUSED = 4


@dataclass(frozen=True)
class TaskProgress:
    """As TaskStatus: steps and energy are of the current sub-goal, code of the last task."""

    state: TaskState = TaskState.IDLE
    task: str = ""
    sub_goal: int = 0
    sub_goals: int = 0
    sub_goal_name: str = ""
    steps_done: int = 0
    budget: int = 0
    energy: float = math.nan
    code: TaskCode = TaskCode.OK
    message: str = ""


class Stage(Protocol):
    """A sub-goal, as far as the order of things is concerned."""

    @property
    def name(self) -> str:
        """For people."""
        ...

    @property
    def steps(self) -> int:
        """How many it may take."""
        ...


AnyStage = TypeVar("AnyStage", bound=Stage)


@dataclass(frozen=True)
class TaskOrder(Generic[AnyStage]):
    """A task that is ready to be run."""

    name: str
    seed: int
    stages: Sequence[AnyStage]


@dataclass(frozen=True, eq=False)
class Attempt:
    """One pursuit of a sub-goal: the steps left, its seed, and the request to end it early."""

    steps: int
    seed: int
    interruption: Interruption


@dataclass(frozen=True)
class PursuitEnd:
    """How a pursuit ended; steps: taken by it; energy: of its last view, NaN without one."""

    outcome: Outcome
    steps: int
    message: str = ""
    detail: int = -1
    energy: float = math.nan


@dataclass(frozen=True)
class TaskEnd:
    """How a task ended. last: end of its last pursuit. steps: in all."""

    code: TaskCode
    message: str
    last: PursuitEnd | None = None
    sub_goals_done: int = 0
    steps: int = 0


class TaskFailure(RuntimeError):  # noqa: N818 - it is no programming error
    """A task or a request about one cannot be carried out; the message is for a person."""

    def __init__(self, code: TaskCode, message: str) -> None:
        super().__init__(message)
        self.code = code
