"""The simulator as a world model of a hand and an object: states in, distances out.

It knows what fingers do to an object in the simplest terms: closed around it they hold it, it
then moves with the hand, and opened they let it fall. With it, what a planner and a gripper can
do at best shows apart from what a learnt model can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_poses import apply_action
from vjepa2_robot.gripper_settings import GripperSettings
from vjepa2_sim.action_gradients import with_gradients
from vjepa2_sim.bench import StateFrame
from vjepa2_sim.grasp_geometry import carried, closed_on, grip_range
from vjepa2_sim.scene import TableObject
from vjepa2_sim.task_bench import TaskBench
from vjepa2_sim.task_trial import Arrangement

ARM, PLACE, HELD, GRIP_LOW, GRIP_HIGH, WIDTH, REST = slice(0, 7), slice(7, 10), 10, 11, 12, 13, 14
"""Of a state [15]: arm [7]; the object's centre [3] m; 1 if held; lowest and highest tool centre
point of a grasp above the object's centre [m]; closedness of fingers on it; height of its centre
when it rests [m]."""

CLOSEDNESS_M = 0.05
"""A gripper wrong by all its range counts like this distance."""
APART_M = 0.06
"""A hand lower than the grasps that is this near to the object, but not around it, touches it."""
AROUND_M = 0.012
TOUCHED_M = 0.05
"""Energy of touching it."""
LET_GO = 0.05
"""Fingers opened by more let go."""


def scene_vector(arrangement: Arrangement) -> NDArray[np.float64]:
    """State [15] of an arrangement."""
    return _vector(
        arrangement.hand, np.array(arrangement.thing.position), arrangement.held, arrangement.thing
    )


@dataclass(frozen=True, eq=False)
class SceneCamera:
    """What `ObjectWorldModel` looks at: the scene's state [15] in place of a picture."""

    bench: TaskBench
    thing: TableObject

    def capture(self) -> StateFrame:
        arm = self.bench.arm.state()
        seen = self.bench.table.true_state().objects[self.thing.name]
        return StateFrame(_vector(arm.pose, seen.position, seen.held, self.thing), arm.stamp)


def _vector(
    hand: NDArray[np.float64], place: NDArray[np.float64], held: bool, thing: TableObject
) -> NDArray[np.float64]:
    low, high = (height - thing.half_height for height in grip_range(_resting(thing)))
    return np.array([*hand, *place, float(held), low, high, closed_on(thing), thing.half_height])


class ObjectWorldModel:
    """A `vjepa2_planner.WorldModel` whose latent is the scene's state [T,15] itself."""

    device = torch.device("cpu")

    def encode(self, frames: NDArray[np.float64], /) -> Tensor:
        """The "frames" are states [T,15]: see `SceneCamera`."""
        return torch.as_tensor(frames, dtype=torch.float32)

    def energies(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor, /
    ) -> Tensor:
        """Distance [S] in metres of hand and object from the goal after actions [S,H,7]."""
        scenes, touched = context[-1:].expand(len(actions), -1), torch.zeros(len(actions))
        for action in actions.unbind(1):
            scenes, touches = _after(scenes, action)
            touched = touched + touches
        return _between(scenes, goal) + TOUCHED_M * touched

    def energies_with_gradients(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor, /
    ) -> tuple[Tensor, Tensor]:
        """The energies [S] and their gradients [S,H,7] by the actions."""
        return with_gradients(lambda moved: self.energies(context, states, goal, moved), actions)

    def distance(self, latent: Tensor, goal: Tensor, /) -> float:
        """Distance in metres between the last state and the goal."""
        return float(_between(latent[-1:], goal)[0])


def _after(scenes: Tensor, action: Tensor) -> tuple[Tensor, Tensor]:
    """States [S,15] after actions [S,7], and 1 where the hand has run into the object [S]."""
    hand, place, held = apply_action(scenes[:, ARM], action), scenes[:, PLACE], scenes[:, HELD] > 0
    keeps = held & (action[:, 6] > -LET_GO)
    offset = hand[:, :3] - place
    aside = torch.linalg.vector_norm(offset[:, :2], dim=1)
    around = (aside < AROUND_M) & (offset[:, 2] < scenes[:, GRIP_HIGH] + AROUND_M)
    low = offset[:, 2] < scenes[:, GRIP_HIGH] + AROUND_M
    grasps = ~held & around & (hand[:, 6] > scenes[:, WIDTH] - GripperSettings().feel / 2)
    touches = ~held & low & ~around & (aside < APART_M)
    moved = place + (hand[:, :3] - scenes[:, :3])
    fallen = torch.cat([moved[:, :2], scenes[:, REST : REST + 1]], dim=1)
    now_held = keeps | grasps
    place = torch.where(keeps[:, None], moved, torch.where(held[:, None], fallen, place))
    closedness = torch.where(now_held, scenes[:, WIDTH], hand[:, 6])
    return torch.cat(
        [hand[:, :6], closedness[:, None], place, now_held[:, None].float(), scenes[:, 11:]], dim=1
    ), touches.float()


def _between(scenes: Tensor, goal: Tensor) -> Tensor:
    hand = torch.linalg.vector_norm(scenes[:, :3] - goal[:, :3], dim=1)
    place = torch.linalg.vector_norm(scenes[:, PLACE] - goal[:, PLACE], dim=1)
    gripper = (scenes[:, 6] - goal[:, 6]).abs()
    distances: Tensor = hand + place + CLOSEDNESS_M * gripper
    return distances


def _resting(thing: TableObject) -> TableObject:
    return carried(thing, (0.0, 0.0, thing.half_height - thing.position[2]))
