"""The two losses of action-conditioned post-training (paper, equations 2 and 3)."""

import torch
from torch import Tensor

from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_models.transformer import normalise


def teacher_forcing(
    predictor: ACPredictor, features: Tensor, actions: Tensor, states: Tensor
) -> Tensor:
    """Predictions [B, T-1, N, D] of frames 2 to T, each from the recorded frames before it.

    Args:
        features: normalised features of the recorded frames [B, T, N, D].
        actions: [B, T-1, 7], each leading from its frame to the next.
        states: [B, T, 7].
    """
    return normalise(predictor(features[:, :-1], actions, states[:, :-1]).float())


def rollout(
    predictor: ACPredictor,
    features: Tensor,
    actions: Tensor,
    states: Tensor,
    steps: int,
    first: Tensor | None = None,
) -> Tensor:
    """Predictions [B, steps, N, D] of frames 2 to steps + 1 from the first frame alone.

    Each step is fed the recorded first frame and the predictions before it, with the recorded
    actions and states. `first` [B, 1, N, D] is the first step's prediction if it is known.
    """
    frames = features[:, :1]
    for step in range(steps):
        if step == 0 and first is not None:
            following = first
        else:
            known = slice(0, step + 1)
            following = normalise(
                predictor(frames, actions[:, known], states[:, known])[:, -1:].float()
            )
        frames = torch.cat([frames, following], dim=1)
    return frames[:, 1:]


def prediction_error(predicted: Tensor, features: Tensor) -> Tensor:
    """Mean absolute difference between predictions [B, K, N, D] and frames 2 to K + 1."""
    return (predicted - features[:, 1 : predicted.shape[1] + 1]).abs().mean()


def post_training_loss(
    predictor: ACPredictor, features: Tensor, actions: Tensor, states: Tensor, steps: int = 2
) -> tuple[Tensor, Tensor]:
    """Teacher-forcing and rollout losses; their sum is what the official training minimises.

    The rollout loss is the official one: the mean over all its steps (equation 3 of the paper
    scores the last alone). The causal mask makes the rollout's first step equal to teacher
    forcing's, which is why it is not computed twice.
    """
    forced = teacher_forcing(predictor, features, actions, states)
    rolled = rollout(predictor, features, actions, states, steps, first=forced[:, :1])
    return prediction_error(forced, features), prediction_error(rolled, features)
