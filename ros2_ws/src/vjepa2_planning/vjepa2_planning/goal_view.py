"""A goal as an image with the arm's state, and as a message."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_msgs.msg import Goal
from vjepa2_node.images import to_array, to_message
from vjepa2_node.stamps import to_seconds


@dataclass(frozen=True, eq=False)
class GoalView:
    """image: uint8 RGB [H, W, 3]. state: of the arm at the capture [7], where it is known.

    stamp: of capture [s, ROS clock]; 0 where it is not known.
    """

    name: str
    image: NDArray[np.uint8]
    state: NDArray[np.float64] | None = None
    stamp: float = 0.0
    frame_id: str = ""


def goal_view(message: Goal) -> GoalView:
    """The goal of a message. Raises ValueError for an image or a state that cannot be used."""
    state = np.array(message.state, dtype=np.float64) if message.has_state else None
    if state is not None and not np.isfinite(state).all():
        raise ValueError(
            f"goal {message.name} has a state that is not finite; set has_state false"
        )
    header = message.image.header
    image = to_array(message.image)
    return GoalView(message.name, image, state, to_seconds(header.stamp), header.frame_id)


def goal_message(goal: GoalView) -> Goal:
    """The message of a goal."""
    message = Goal(name=goal.name, image=to_message(goal.image, goal.stamp, goal.frame_id))
    if goal.state is not None:
        message.has_state, message.state = True, goal.state
    return message
