"""How well a predictor imagines held-out clips, beside predicting that nothing moves."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_models.training.post_training.losses import (
    FeatureClips,
    gripper_alone,
    rollout,
)

HORIZONS = (1, 2, 4, 8)
BATCH = 32  # clips imagined at once


@torch.inference_mode()
def rollout_errors(
    predictor: ACPredictor, clips: FeatureClips, horizons: Sequence[int] = HORIZONS
) -> dict[str, float]:
    """Mean absolute errors of features, by horizon in frames.

    `rollout_error/h` is that of the predictor, which sees the first frame alone, then its own
    predictions, with the recorded actions and states. `copy_error/h` is that of the first frame.

    Args:
        predictor: in whatever autocast the caller has set up.
        clips: with at least max(horizons) + 1 frames, on any device.
        horizons: ascending.
    """
    predicted_sum, copied_sum = torch.zeros(2, horizons[-1], dtype=torch.float64)
    device = predictor.predictor_proj.weight.device
    for start in range(0, len(clips.states), BATCH):
        part = clips.part(slice(start, start + BATCH)).to(device, torch.float32)
        predicted = rollout(predictor, part, horizons[-1])
        wanted = part.features[:, 1 : horizons[-1] + 1]
        for total, guess in ((predicted_sum, predicted), (copied_sum, part.features[:, :1])):
            total += (guess - wanted).abs().mean(dim=(2, 3)).sum(dim=0).double().cpu()
    errors = {f"rollout_error/{h}": predicted_sum[h - 1] for h in horizons}
    errors |= {f"copy_error/{h}": copied_sum[h - 1] for h in horizons}
    return {name: float(total) / len(clips.states) for name, total in errors.items()}


@torch.inference_mode()
def gripper_errors(predictor: ACPredictor, clips: FeatureClips) -> dict[str, float]:
    """Errors one frame ahead of a single one where the fingers alone move, and of copying it.

    Empty if they never do. Arguments as of `rollout_errors`.
    """
    pairs = _pairs(clips, gripper_alone(clips.actions))
    if not len(pairs.states):
        return {}
    errors = rollout_errors(predictor, pairs, (1,))
    return {
        "gripper_error": errors["rollout_error/1"],
        "gripper_copy_error": errors["copy_error/1"],
    }


def _pairs(clips: FeatureClips, chosen: Tensor) -> FeatureClips:
    """Clips of two frames: the steps chosen [B, T-1] of all clips."""
    clip, frame = chosen.nonzero(as_tuple=True)
    both = frame[:, None] + torch.arange(2)

    def pair(x: Tensor) -> Tensor:
        return x[clip[:, None], both]

    extrinsics = None if clips.extrinsics is None else pair(clips.extrinsics)
    actions = clips.actions[clip, frame][:, None]
    return FeatureClips(pair(clips.features), actions, pair(clips.states), extrinsics)
