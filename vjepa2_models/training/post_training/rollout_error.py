"""How well a predictor imagines held-out clips, beside predicting that nothing moves."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_models.training.post_training.losses import (
    FeatureClips,
    gripper_alone,
    rollout,
    teacher_forcing,
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
    """Errors one frame ahead where the fingers alone move, of the predictor and of copying.

    Empty if they never do. Arguments as of `rollout_errors`.
    """
    if not gripper_alone(clips.actions).any():
        return {}
    errors, copied = list[Tensor](), list[Tensor]()
    device = predictor.predictor_proj.weight.device
    for start in range(0, len(clips.states), BATCH):
        part = clips.part(slice(start, start + BATCH)).to(device, torch.float32)
        chosen, wanted = gripper_alone(part.actions), part.features[:, 1:]
        forced = teacher_forcing(predictor, part)
        for kept, guess in ((errors, forced), (copied, part.features[:, :-1])):
            kept.append((guess - wanted).abs().mean(dim=(2, 3))[chosen].cpu())
    return {
        "gripper_error": float(torch.cat(errors).mean()),
        "gripper_copy_error": float(torch.cat(copied).mean()),
    }
