"""Checks of what camera and arm send now: before a task, and before a capture."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from vjepa2_node.images import ImageError
from vjepa2_planner.preflight import arm_faults, preflight
from vjepa2_planner.preflight_settings import PreflightFault, PreflightSettings
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.goal_view import GoalView
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.live_inputs import LiveInputs
from vjepa2_planning.task_progress import TaskFailure


def check_live(
    live: LiveInputs,
    goals: Sequence[GoalView],
    settings: PreflightSettings,
    wait: float,
    interruption: Interruption,
) -> None:
    """Return once all checks of a task pass; TaskFailure if they do not within `wait` seconds."""
    await_clear(live, lambda: _faults(live, goals, settings), wait, interruption)


def await_clear(
    live: LiveInputs,
    find: Callable[[], Sequence[PreflightFault]],
    wait: float,
    interruption: Interruption,
) -> None:
    """Return once `find` finds nothing; TaskFailure if it still does after `wait` seconds.

    The failure has the code of the first fault and the sentences of all; on `interruption` it is
    ABORTED, at once.
    """
    deadline = time.monotonic() + wait
    interruption.on_interrupt(live.wake)
    while faults := find():
        if interruption.happened:
            raise TaskFailure(TaskCode.ABORTED, "the task is being aborted")
        left = deadline - time.monotonic()
        if left <= 0:
            sentences = dict.fromkeys(fault.sentence for fault in faults)
            raise TaskFailure(faults[0].code, "; ".join(sentences))
        live.await_news(left, interruption)


def image_fault(error: ImageError) -> PreflightFault:
    """The camera sends what cannot be used."""
    return PreflightFault(TaskCode.NO_IMAGE, f"the camera's image cannot be used: {error}")


def _faults(
    live: LiveInputs, goals: Sequence[GoalView], settings: PreflightSettings
) -> list[PreflightFault]:
    try:
        view = live.view()
    except ImageError as error:
        return [image_fault(error), *arm_faults(live.arm(), settings)]
    return preflight([(goal.name, goal.image) for goal in goals], view, live.arm(), settings)
