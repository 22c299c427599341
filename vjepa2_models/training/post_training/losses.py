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

STILL = 0.004  # m along each axis: less than this is a rest
MOVED = 0.05  # closedness


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

    def until(self, frames: int) -> "FeatureClips":
        """The clips' first frames."""
        extrinsics = None if self.extrinsics is None else self.extrinsics[:, :frames]
        return FeatureClips(
            self.features[:, :frames],
            self.actions[:, : frames - 1],
            self.states[:, :frames],
            extrinsics,
        )

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


@dataclass(frozen=True)
class Emphasis:
    """What the losses make much of, beyond the paper, which has neither.

    Attributes:
        floor: if given, each frame's error is divided by how much the frame changes, plus this.
            Small motions then weigh like large ones, in which they would drown.
        focus: if given, the error of each token counts once, plus as often as this goes into how
            much the token changes: what moves is made more of than what rests.
        gripper: how many times a step counts in which the fingers alone move. They fill few of
            the features, so a predictor learns last, if at all, what closing them does.
    """

    floor: float | None = None
    focus: float | None = None
    gripper: float = 1.0


PLAIN = Emphasis()


def gripper_alone(actions: Tensor) -> Tensor:
    """Whether [B, T-1] the fingers move by actions [B, T-1, 7] and the end effector rests."""
    still = actions[..., :3].abs().amax(-1) < STILL
    return still & (actions[..., 6].abs() > MOVED)


def prediction_error(
    predicted: Tensor, clips: FeatureClips, before: Tensor, emphasis: Emphasis = PLAIN
) -> Tensor:
    """Mean absolute difference between predictions [B, K, N, D] and the clips' last K frames.

    before: frames that broadcast to the predictions, from which a frame's change is taken.
    """
    steps = predicted.shape[1]
    actual = clips.features[:, -steps:]
    errors = (predicted - actual).abs().mean(dim=3)
    changes = (actual - before).abs().mean(dim=3)
    if emphasis.focus is not None:
        errors = errors * (1.0 + changes / emphasis.focus)
    error = errors.mean(dim=2)
    if emphasis.floor is not None:
        error = error / (changes.mean(dim=2) + emphasis.floor)
    weight = 1.0 + (emphasis.gripper - 1.0) * gripper_alone(clips.actions[:, -steps:])
    return (weight * error).sum() / weight.sum()


def post_training_losses(
    predictor: ACPredictor,
    clips: FeatureClips,
    steps: int = 2,
    rollout_loss: RolloutLoss = "mean",
    emphasis: Emphasis = PLAIN,
) -> dict[str, Tensor]:
    """`teacher_forcing` and `rollout`, whose sum is minimised.

    The causal mask makes the rollout's first step equal to teacher forcing's, which is why it is
    not computed twice.
    """
    features = clips.features
    forced = teacher_forcing(predictor, clips)
    rolled = rollout(predictor, clips, steps, first=forced[:, :1])
    counted = steps if rollout_loss == "mean" else 1
    start = clips.until(steps + 1)
    return {
        "teacher_forcing": prediction_error(forced, clips, features[:, :-1], emphasis),
        "rollout": prediction_error(rolled[:, -counted:], start, features[:, :1], emphasis),
    }
