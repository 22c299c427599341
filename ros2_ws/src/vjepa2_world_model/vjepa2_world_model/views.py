"""What a world model takes as a view: camera images, or the arm's states."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image

from vjepa2_msgs.msg import EndEffectorState, Goal
from vjepa2_node import names, qos
from vjepa2_node.images import ImageError, to_array

CONTRAST = 10
"""Grey levels between the darkest and the brightest spot of a picture that shows something."""


class Views(Protocol):
    """Where live views come from, and how they and goals become frames for `encode`.

    Both conversions raise ImageError, which names the live view or the goal.
    """

    @property
    def topic(self) -> str:
        """Where live views are published."""
        ...

    @property
    def message(self) -> type[Any]:
        """Type of the topic's messages, which have a header."""
        ...

    @property
    def qos(self) -> QoSProfile:
        """With which to subscribe."""
        ...

    def live(self, message: Any) -> NDArray[Any]:
        """The frame of a live view."""
        ...

    def goal(self, goal: Goal) -> NDArray[Any]:
        """The frame of a goal."""
        ...


class ImageViews:
    """Frames are camera images uint8 [H,W,3] RGB."""

    topic = names.IMAGE
    message = Image
    qos = qos.IMAGES

    def live(self, message: Image) -> NDArray[np.uint8]:
        image = _image(message, "the live view")
        low, high = int(image.min()), int(image.max())
        if high - low < CONTRAST:
            raise ImageError(
                f"the live view: all of it has one brightness ({low} to {high} of 255): is the "
                "lens covered, or the exposure wrong?"
            )
        return image

    def goal(self, goal: Goal) -> NDArray[np.uint8]:
        return _image(goal.image, f"goal {goal.name!r}")


class StateViews:
    """Frames are states float64 [7] of the arm, for the model `simulator`."""

    topic = names.END_EFFECTOR_STATE
    message = EndEffectorState
    qos = qos.STATES

    def live(self, message: EndEffectorState) -> NDArray[np.float64]:
        return _state(message.state, "the live view")

    def goal(self, goal: Goal) -> NDArray[np.float64]:
        if not goal.has_state:
            raise ImageError(
                f"goal {goal.name!r} has no state, which is all that the world model `simulator` "
                "looks at: capture the goal with the arm's state, or use another world model"
            )
        return _state(goal.state, f"goal {goal.name!r}")


def _image(message: Image, what: str) -> NDArray[np.uint8]:
    try:
        return to_array(message)
    except ImageError as error:
        raise ImageError(f"{what}: {error}") from error


def _state(numbers: Any, what: str) -> NDArray[np.float64]:
    state = np.array(numbers, dtype=np.float64)
    if not np.isfinite(state).all():
        raise ImageError(f"{what}: the state is not finite: {state.tolist()}")
    return state
