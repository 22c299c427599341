"""What lives as long as a model is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from vjepa2_msgs.msg import WorldModelCode
from vjepa2_world_model.access import WorldModelError
from vjepa2_world_model.latents import LatentStore
from vjepa2_world_model.live_view import LiveView
from vjepa2_world_model.open_model import OpenedModel
from vjepa2_world_model.view_log import ViewLog


@dataclass(frozen=True, eq=False)
class Encoded:
    """Features [T,N,D] of T frames. shape: of one of them, as the camera gave it."""

    features: Tensor
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Session:
    """A loaded model, what it has encoded, and what it is shown."""

    opened: OpenedModel
    latents: LatentStore[Encoded]
    live: LiveView
    log: ViewLog = field(default_factory=ViewLog)


def check_shapes(goal: tuple[int, ...], live: tuple[int, ...]) -> None:
    """Refuses a goal that is not of the live view's size, with SIZE_MISMATCH."""
    if goal != live:
        sizes = [f"{shape[1]} x {shape[0]} px" for shape in (goal, live)]
        raise WorldModelError(
            WorldModelCode.SIZE_MISMATCH,
            f"the goal is {sizes[0]} but the live view is {sizes[1]}: take the goal with the "
            "camera, and the settings, of the live view",
        )
