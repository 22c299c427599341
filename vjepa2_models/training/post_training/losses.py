"""The two losses of action-conditioned post-training (paper, equations 2 and 3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_models.transformer import normalise

RolloutLoss = Literal["mean", "last"]
"""`mean`: over all steps of the rollout, as the official training has it; `last`: of its last
frame alone, as equation 3 of the paper has it."""


@dataclass(frozen=True, eq=False)
class FeatureClips:
    """Clips as the frozen encoder sees them, with the robot's motion.

    Attributes:
        features: normalised features [B, T, N, D] of the recorded frames.
        actions: [B, T-1, 7], each leading from its frame to the next.
        states: [B, T, 7], the end effector at each frame.
        extrinsics: camera pose [B, T, 6]; only for a predictor that uses it.
    """

    features: Tensor
    actions: Tensor
    states: Tensor
    extrinsics: Tensor | None = None

    def part(self, rows: slice) -> "FeatureClips":
        """Some of the clips."""
        return self._each(lambda x: x[rows])

    def to(self, device: torch.device, precision: torch.dtype) -> "FeatureClips":
        """The same clips elsewhere, their features in another precision."""
        moved = self._each(lambda x: x.to(device))
        return replace(moved, features=moved.features.to(precision))

    @staticmethod
    def concatenate(parts: Sequence["FeatureClips"]) -> "FeatureClips":
        """All clips of the parts, in order."""
        extrinsics = [part.extrinsics for part in parts if part.extrinsics is not None]
        return FeatureClips(
            torch.cat([part.features for part in parts]),
            torch.cat([part.actions for part in parts]),
            torch.cat([part.states for part in parts]),
            torch.cat(extrinsics) if extrinsics else None,
        )

    def _each(self, change: Callable[[Tensor], Tensor]) -> "FeatureClips":
        extrinsics = None if self.extrinsics is None else change(self.extrinsics)
        return FeatureClips(
            change(self.features), change(self.actions), change(self.states), extrinsics
        )

    def predict(self, predictor: ACPredictor, frames: Tensor) -> Tensor:
        """Normalised successors of `frames` [B, K, N, D], which stand for the first K ones."""
        known = slice(0, frames.shape[1])
        extrinsics = None if self.extrinsics is None else self.extrinsics[:, known]
        following = predictor(frames, self.actions[:, known], self.states[:, known], extrinsics)
        return normalise(following.float())


def teacher_forcing(predictor: ACPredictor, clips: FeatureClips) -> Tensor:
    """Predictions [B, T-1, N, D] of frames 2 to T, each from the recorded frames before it."""
    return clips.predict(predictor, clips.features[:, :-1])


def rollout(
    predictor: ACPredictor, clips: FeatureClips, steps: int, first: Tensor | None = None
) -> Tensor:
    """Predictions [B, steps, N, D] of frames 2 to steps + 1 from the first frame alone.

    Each step is fed the recorded first frame and the predictions before it, with the recorded
    actions and states. `first` [B, 1, N, D] is the first step's prediction if it is known.
    """
    frames = clips.features[:, :1]
    for step in range(steps):
        if step == 0 and first is not None:
            following = first
        else:
            following = clips.predict(predictor, frames)[:, -1:]
        frames = torch.cat([frames, following], dim=1)
    return frames[:, 1:]


def prediction_error(
    predicted: Tensor, features: Tensor, before: Tensor, floor: float | None = None
) -> Tensor:
    """Mean absolute difference between predictions [B, K, N, D] and frames 2 to K + 1.

    floor: if given, each frame's error is divided by how much it differs from that of `before`
    (which broadcasts to it), plus the floor. Small motions, such as that of the fingers alone,
    then weigh like large ones, in which they would drown.
    """
    actual = features[:, 1 : predicted.shape[1] + 1]
    error = (predicted - actual).abs().mean(dim=(2, 3))
    if floor is not None:
        error = error / ((actual - before).abs().mean(dim=(2, 3)) + floor)
    return error.mean()


def post_training_losses(
    predictor: ACPredictor,
    clips: FeatureClips,
    steps: int = 2,
    rollout_loss: RolloutLoss = "mean",
    floor: float | None = None,
) -> dict[str, Tensor]:
    """`teacher_forcing` and `rollout`, whose sum is minimised.

    The causal mask makes the rollout's first step equal to teacher forcing's, which is why it is
    not computed twice. floor: see `prediction_error`.
    """
    features = clips.features
    forced = teacher_forcing(predictor, clips)
    rolled = rollout(predictor, clips, steps, first=forced[:, :1])
    counted = steps if rollout_loss == "mean" else 1
    return {
        "teacher_forcing": prediction_error(forced, features, features[:, :-1], floor),
        "rollout": prediction_error(
            rolled[:, -counted:], features[:, steps - counted :], features[:, :1], floor
        ),
    }
