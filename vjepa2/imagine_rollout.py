"""What the world model imagines of a motion, and how far off it is (paper, B.3, figure 15)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from vjepa2.trajectory import Trajectory
from vjepa2_models import WorldModel
from vjepa2_models.training.post_training.losses import FeatureClips, rollout
from vjepa2_poses import actions_from_states

GRIPPER = 6


@dataclass(frozen=True)
class HorizonError:
    """Mean absolute feature error after `horizon` steps: imagined, and of copying the start."""

    horizon: int
    imagined: float
    copied: float


@torch.inference_mode()
def imagine(
    model: WorldModel, context: Tensor, states: Tensor, extrinsics: Tensor | None = None
) -> Tensor:
    """Features [T,N,D]: the context frame's [1,N,D], then the rollout along states [T,7].

    extrinsics: [T,6], the camera's pose, which a model that was trained with it needs.
    """
    states = states.to(model.device, model.dtype)
    actions = actions_from_states(states)
    seen_from = None if extrinsics is None else extrinsics.to(states)[None]
    clip = FeatureClips(context[None], actions[None], states[None], seen_from)
    return torch.cat([context, rollout(model.predictor, clip, len(actions))[0]])


def horizon_errors(real: Tensor, imagined: Tensor) -> list[HorizonError]:
    """One for each step, of the features [T,N,D] of real frames and of imagined ones."""
    return [
        HorizonError(
            horizon,
            float((imagined[horizon] - real[horizon]).abs().mean()),
            float((real[0] - real[horizon]).abs().mean()),
        )
        for horizon in range(1, len(real))
    ]


def with_gripper(motion: Trajectory, closedness: float) -> Tensor:
    """The motion's states [T,7], the gripper at `closedness` from the first step on.

    The first state stays as it is, since it is what the first frame shows: the gripper opens or
    closes with the first step, where it has to.
    """
    states = motion.states.clone()
    states[1:, GRIPPER] = closedness
    return states
