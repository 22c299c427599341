"""Initial weights from which a small predictor learns in hours on a CPU."""

import torch
from torch import Tensor, nn

from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_poses import actions_from_states


def start_as_copy(
    predictor: ACPredictor, states: Tensor, extrinsics: Tensor | None = None
) -> None:
    """Makes a fresh predictor predict that nothing changes, while it sees how the arm moves.

    Where the predictor is as wide as the features, they pass through it unchanged at first, so
    that training starts from the copy baseline. Actions and states enter standardised, beside a
    random offset of the same size: otherwise the first layer norm removes their length.

    Args:
        predictor: changed in place.
        states: of many clips [B, T, 7], for the statistics.
        extrinsics: of the same clips [B, T, 6], if the predictor uses them.
    """
    if predictor.predictor_embed.in_features == predictor.predictor_embed.out_features:
        nn.init.eye_(predictor.predictor_embed.weight)
        nn.init.eye_(predictor.predictor_proj.weight)
    _standardise(predictor.action_encoder, actions_from_states(states).flatten(0, 1))
    _standardise(predictor.state_encoder, states.flatten(0, 1))
    if extrinsics is not None:
        _standardise(predictor.extrinsics_encoder, extrinsics.flatten(0, 1))


@torch.no_grad()
def _standardise(layer: nn.Linear, values: Tensor) -> None:
    scale = values.std(dim=0).clamp(min=0.02)
    layer.weight.copy_(torch.randn_like(layer.weight) / scale / values.shape[-1] ** 0.5)
    layer.bias.copy_(torch.randn_like(layer.bias) - layer.weight @ values.mean(dim=0))
