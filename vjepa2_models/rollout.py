"""Rollouts of candidate actions from a shared context: the fast path of planning."""

from collections.abc import Iterator

import torch
from torch import Tensor

from vjepa2_models.ac_predictor import ACPredictor, Past
from vjepa2_models.transformer import normalise
from vjepa2_poses import actions_from_states, apply_action


class Rollout:
    """Imagines what follows a context, for many candidates, without doing anything twice.

    Attention is block-causal over frames, so keys and values of the context's earlier frames are
    computed once for all candidates, and those of imagined frames once for all later steps. What
    comes out is what `ACPredictor.forward` gives over all frames at each step.

    Args:
        predictor: of the world model.
        context: normalised features [T, N, D] of the frames so far.
        states: [T, 7] float32 at those frames; the actions between them follow.
        camera: pose [6] of the camera, m and rad in the base frame; for a predictor that uses it.
    """

    def __init__(
        self,
        predictor: ACPredictor,
        context: Tensor,
        states: Tensor,
        camera: Tensor | None = None,
    ) -> None:
        self.predictor = predictor
        self.camera = camera
        self.last = context[None, -1:]
        self.pose = states[None, -1:]
        self.frames = len(context)
        self.past = self._past(context[None, :-1], states[None])

    def imagine(self, actions: Tensor) -> Iterator[Tensor]:
        """After each action of candidates [S, H, 7]: normalised features [S, N, D]."""
        candidates, horizon, _ = actions.shape
        features = self.last.expand(candidates, -1, -1, -1)
        pose = self.pose.expand(candidates, -1, -1)
        past, dtype = self.past, features.dtype
        for step in range(horizon):
            action, more = actions[:, step : step + 1], step + 1 < horizon
            following, past = self.predictor.advance(
                features,
                action.to(dtype),
                pose.to(dtype),
                self._seen_from(pose, dtype),
                first=self.frames - 1 + step,
                past=past,
                keep=more,
            )
            features = normalise(following)
            yield features[:, 0]
            if more:
                pose = apply_action(pose, action)

    def _past(self, earlier: Tensor, states: Tensor) -> Past | None:
        """What the frames before the last one leave behind; None for a single frame."""
        if self.frames == 1:
            return None
        dtype, before = earlier.dtype, states[:, :-1]
        taken = actions_from_states(states).to(dtype)
        seen_from = self._seen_from(before, dtype)
        return self.predictor.advance(earlier, taken, before.to(dtype), seen_from)[1]

    def _seen_from(self, poses: Tensor, dtype: torch.dtype) -> Tensor | None:
        """The camera's pose [B, T, 6], the same for every state of [B, T, 7]."""
        if self.camera is None:
            return None
        return self.camera.to(poses.device, dtype).expand(*poses.shape[:2], -1)
