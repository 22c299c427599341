"""How well pixels of held-out clips are imagined, beside predicting that nothing moves."""

from collections.abc import Sequence

import torch
from torch import Tensor

from vjepa2_models.baselines import PixelPredictor
from vjepa2_models.baselines.pixel_predictor import rollout
from vjepa2_models.training.baselines.picture_clips import to_network
from vjepa2_poses import actions_from_states

BATCH = 32  # clips imagined at once


@torch.inference_mode()
def pixel_errors(
    predictor: PixelPredictor, frames: Tensor, states: Tensor, horizons: Sequence[int]
) -> dict[str, float]:
    """Mean absolute errors of RGB in 0 to 1, by horizon in frames.

    `rollout_error/h` is that of the predictor, which sees the first frame alone, then its own
    predictions, with the recorded actions and states. `copy_error/h` is that of the first frame.

    Args:
        predictor: in whatever autocast the caller has set up.
        frames: uint8 [B, T, S, S, 3], at least max(horizons) + 1 of them.
        states: [B, T, 7].
        horizons: ascending.
    """
    imagined_sum, copied_sum = torch.zeros(2, horizons[-1], dtype=torch.float64)
    device = predictor.stem.weight.device
    for part, moving in zip(frames.split(BATCH), states.split(BATCH), strict=True):
        pictures = to_network(part[:, : horizons[-1] + 1].to(device))
        imagined = imagine(predictor, pictures[:, 0], moving[:, : horizons[-1] + 1].to(device))
        for total, guess in ((imagined_sum, imagined), (copied_sum, pictures[:, :1])):
            error = (guess - pictures[:, 1:]).abs().mean(dim=(2, 3, 4))
            total += error.sum(dim=0).double().cpu()
    errors = {f"rollout_error/{h}": imagined_sum[h - 1] for h in horizons}
    errors |= {f"copy_error/{h}": copied_sum[h - 1] for h in horizons}
    return {name: float(total) / len(frames) for name, total in errors.items()}


def imagine(predictor: PixelPredictor, picture: Tensor, states: Tensor) -> Tensor:
    """Pictures [B, T-1, 3, S, S] in 0 to 1 that follow the first; states [B, T, 7] of all."""
    return rollout(predictor, picture, states[:, :-1], actions_from_states(states)).clamp(0, 1)
