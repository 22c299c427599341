"""A world that is known exactly: its view is the arm's state, its model is the pose algebra."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_poses import apply_action

START = np.array([0.45, -0.1, 0.4, np.pi - 0.02, 0.1, 0.2, 0.0])
GOAL = np.array([0.60, 0.1, 0.25, np.pi - 0.02, 0.1, 0.2, 0.0])


class AnalyticWorldModel:
    """Latent = states [T, 7]; energy = distance of the end effector (and closedness) to the goal.

    Predictions whose x passes ``blind_beyond`` have the energy ``blind_energy``.
    """

    def __init__(self, blind_beyond: float = np.inf, blind_energy: float = np.nan) -> None:
        self.device = torch.device("cpu")
        self.blind_beyond = blind_beyond
        self.blind_energy = blind_energy
        self.calls = 0

    def encode(self, frames: NDArray[Any]) -> Tensor:
        return torch.as_tensor(frames, dtype=torch.float32)

    def energies(self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor) -> Tensor:
        self.calls += 1
        assert len(context) == len(states)
        poses = states[-1].expand(len(actions), 7)
        for step in range(actions.shape[1]):
            poses = apply_action(poses, actions[:, step])
        energy = self._between(poses, goal[-1])
        return energy.masked_fill(poses[:, 0] > self.blind_beyond, self.blind_energy)

    def energies_with_gradients(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor
    ) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            moved = actions.detach().requires_grad_()
            energies = self.energies(context, states, goal, moved)
            (gradients,) = torch.autograd.grad(energies.nan_to_num(posinf=0.0).sum(), moved)
        return energies.detach(), gradients

    def distance(self, latent: Tensor, goal: Tensor) -> float:
        return float(self._between(latent[-1], goal[-1]))

    def _between(self, poses: Tensor, goal: Tensor) -> Tensor:
        difference = poses - goal
        distance: Tensor = torch.linalg.vector_norm(difference[..., :3], dim=-1)
        return distance + 0.1 * difference[..., 6].abs()


class Code(IntEnum):
    """Of the analytic arm's motions."""

    REACHED = 0
    LOST = 10
    REFUSED = 50

    @property
    def ok(self) -> bool:
        return self is Code.REACHED

    @property
    def refused(self) -> bool:
        return self is Code.REFUSED


@dataclass(frozen=True)
class Motion:
    """Result of a motion."""

    code: Code
    end: "Snapshot"
    message: str = ""
    motion_end_stamp: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Snapshot:
    """The arm at one instant."""

    pose: NDArray[np.float64]


@dataclass(frozen=True)
class Picture:
    """What the analytic arm sees of itself: its pose, at the time of its clock."""

    image: NDArray[np.float64]
    stamp: float


@dataclass
class AnalyticArm:
    """Moves exactly, 1 s a motion; the one numbered ``ends_at`` ends with ``code``.

    Also its own camera, on the clock ``now``."""

    pose: NDArray[np.float64] = field(default_factory=START.copy)
    ends_at: int = -1
    code: Code = Code.REFUSED
    nan_after: int = -1
    motions: int = 0
    now: float = 0.0

    def state(self) -> Snapshot:
        return Snapshot(self.pose.copy())

    def capture(self) -> Picture:
        self.now += 0.1
        return Picture(self.pose.copy(), self.now)

    def execute(self, delta: NDArray[np.float64], start: NDArray[np.float64]) -> Motion:
        np.testing.assert_array_equal(start, self.pose)
        if self.motions == self.ends_at:
            return Motion(self.code, self.state(), "the floor is lava", self.now)
        self.pose = apply_action(torch.as_tensor(self.pose), torch.as_tensor(delta)).numpy()
        if self.motions == self.nan_after:
            self.pose[2] = np.nan
        self.motions += 1
        self.now += 1.0
        return Motion(Code.REACHED, self.state(), "", self.now, 1.0)


@pytest.fixture
def start() -> Tensor:
    """The first state, as context [1, 7] and as states [1, 7]."""
    return torch.as_tensor(START[None], dtype=torch.float32)


@pytest.fixture
def goal() -> Tensor:
    """A goal 29 cm away, [1, 7]."""
    return torch.as_tensor(GOAL[None], dtype=torch.float32)


@pytest.fixture
def make_world_model() -> type[AnalyticWorldModel]:
    """Makes analytic world models."""
    return AnalyticWorldModel


@pytest.fixture
def make_arm() -> type[AnalyticArm]:
    """Makes analytic arms."""
    return AnalyticArm


@pytest.fixture
def lost() -> Code:
    """The code of a motion that failed midway."""
    return Code.LOST
