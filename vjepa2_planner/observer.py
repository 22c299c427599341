"""Looking: an image captured late enough, its latent, and the arm's state at its capture."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any, Generic, Protocol

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.arm import ArmState
from vjepa2_planner.failures import PursuitFailure
from vjepa2_planner.step import Outcome
from vjepa2_planner.world_model import Latent, WorldModel


@dataclass(frozen=True, eq=False)
class View(Generic[Latent]):
    """One look. ``stamp`` is on the clock of the arm's ``motion_end_stamp``."""

    latent: Latent
    state: NDArray[np.float64]  # [7] of the arm at ``stamp``
    energy: float  # between the view and the goal
    stamp: float  # of capture [s]
    waiting_seconds: float  # for an image that was captured late enough
    encoding_seconds: float


class Observer(Protocol[Latent]):
    """Takes looks for the closed loop."""

    def look(self, goal: Latent, after: float, /) -> View[Latent]:
        """A view captured later than ``after``; :class:`PursuitFailure` where none comes."""
        ...


class Frame(Protocol):
    """An image with the time of its capture."""

    @property
    def image(self) -> NDArray[Any]:
        """As the world model encodes it: uint8 RGB [H, W, 3]."""
        ...

    @property
    def stamp(self) -> float:
        """Time of capture [s], on the clock of the arm's ``motion_end_stamp``."""
        ...


class Camera(Protocol):
    """Takes one view."""

    def capture(self) -> Frame:
        """The newest image."""
        ...


class StateSource(Protocol):
    """An arm whose state can be measured."""

    def state(self) -> ArmState:
        """Measure the arm now."""
        ...


@dataclass(frozen=True)
class LocalObserver(Generic[Latent]):
    """Camera, arm and world model in this process; the arm stands still while it looks."""

    world_model: WorldModel[Latent]
    camera: Camera
    arm: StateSource
    timeout: float = 5.0  # [s]
    clock: Callable[[], float] = monotonic

    def look(self, goal: Latent, after: float, /) -> View[Latent]:
        """See :class:`Observer`."""
        asked = self.clock()
        frame = self.camera.capture()
        while not frame.stamp > after:
            if self.clock() - asked > self.timeout:
                raise PursuitFailure(
                    Outcome.CAMERA_SILENT,
                    f"no image captured after {after:.3f} s came within {self.timeout:g} s; "
                    f"the newest is of {frame.stamp:.3f} s",
                )
            frame = self.camera.capture()
        waiting = self.clock() - asked
        state = np.array(self.arm.state().pose, dtype=np.float64)
        started = perf_counter()
        latent = self.world_model.encode(frame.image[None])
        energy = self.world_model.distance(latent, goal)
        return View(latent, state, energy, frame.stamp, waiting, perf_counter() - started)
