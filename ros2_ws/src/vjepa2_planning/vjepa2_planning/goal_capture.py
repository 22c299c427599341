"""Taking the live view as a goal."""

from __future__ import annotations

from pathlib import Path

from vjepa2_node.images import ImageError, to_array
from vjepa2_node.stamps import to_seconds
from vjepa2_planner.preflight import camera_faults
from vjepa2_planner.preflight_settings import PreflightFault, PreflightSettings
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.goal_library import GoalLibrary
from vjepa2_planning.goal_view import GoalView
from vjepa2_planning.interruption import Interruption
from vjepa2_planning.live_inputs import LiveInputs
from vjepa2_planning.live_preflight import await_clear, image_fault
from vjepa2_planning.task_progress import TaskFailure

STATE_WAIT = 0.2
"""Seconds that the arm's state may arrive later than the image that it is needed for."""


def capture_goal(
    name: str, live: LiveInputs, library: GoalLibrary, settings: PreflightSettings, wait: float
) -> tuple[GoalView, Path]:
    """Store the newest image and the arm's state at its stamp as a goal, and where; TaskFailure.

    The arm may be in any mode; without a state, the goal has none. wait: for a fresh image [s].
    """
    try:
        library.path(name)
    except ValueError as error:
        raise TaskFailure(TaskCode.BAD_TASK, str(error)) from error
    await_clear(live, lambda: _faults(live, settings), wait, Interruption())
    try:
        goal = _goal(name, live)
        # Taken before the first state had come; now there may be one.
        goal = _goal(name, live) if goal.state is None else goal
        return goal, library.keep(goal)
    except ImageError as error:
        raise TaskFailure(TaskCode.NO_IMAGE, str(error)) from error
    except OSError as error:
        reason = f"goal {name} could not be stored: {error}; see to goal_folder {library.folder}"
        raise TaskFailure(TaskCode.CANNOT_WRITE, reason) from error


def _goal(name: str, live: LiveInputs) -> GoalView:
    message = live.image
    assert message is not None
    stamp = to_seconds(message.header.stamp)
    state = live.state_at(stamp, STATE_WAIT)
    return GoalView(name, to_array(message), state, stamp, message.header.frame_id)


def _faults(live: LiveInputs, settings: PreflightSettings) -> list[PreflightFault]:
    try:
        found = camera_faults(live.view(), settings)
    except ImageError as error:
        return [image_fault(error)]
    return [fault for fault in found if fault.code is not TaskCode.CAMERA_SLOW]
