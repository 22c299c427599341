"""States and actions as numbers of size one, which a small network learns from quickly."""

import torch
from torch import Tensor, nn

STATE_FEATURES = 10
ACTION_FEATURES = 7

# What hardly varies in the data (a rotation that is never made) is not blown up to size one.
SMALLEST_SCALE = 0.02


class MotionScale(nn.Module):
    """Standardises by the statistics of the training data, which its buffers hold.

    The buffers must stay float32: in bfloat16 a position of 0.5 m is rounded to 2 mm.
    """

    state_mean: Tensor
    state_scale: Tensor
    action_scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("state_mean", torch.zeros(STATE_FEATURES))
        self.register_buffer("state_scale", torch.ones(STATE_FEATURES))
        self.register_buffer("action_scale", torch.ones(ACTION_FEATURES))

    @torch.no_grad()
    def fit(self, states: Tensor, actions: Tensor) -> None:
        """Takes the statistics of states [..., 7] and actions [..., 7] of the training data."""
        features = _features(states).flatten(0, -2)
        self.state_mean.copy_(features.mean(dim=0))
        self.state_scale.copy_(features.std(dim=0).clamp(min=SMALLEST_SCALE))
        # About zero, and no mean is taken away: standing still is zero to the network too.
        spread = actions.flatten(0, -2).square().mean(dim=0).sqrt()
        self.action_scale.copy_(spread.clamp(min=SMALLEST_SCALE))

    def states(self, states: Tensor) -> Tensor:
        """Standardised features [..., 10] of states [..., 7]."""
        return (_features(states) - self.state_mean) / self.state_scale

    def actions(self, actions: Tensor) -> Tensor:
        """Standardised actions [..., 7] of actions [..., 7] in metres, radians, closedness."""
        return actions / self.action_scale


def _features(states: Tensor) -> Tensor:
    # Sine and cosine, because a hand that points down has a roll near +-pi, which wraps around.
    angles = states[..., 3:6]
    return torch.cat((states[..., :3], angles.sin(), angles.cos(), states[..., 6:]), dim=-1)
