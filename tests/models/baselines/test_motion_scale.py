"""States and actions as a network of the baselines sees them."""

import math

import torch

from vjepa2_models.baselines.motion_scale import MotionScale


def test_statistics_are_taken_out() -> None:
    """Mean 0 and spread 1 for what varies; actions keep their zero."""
    torch.manual_seed(0)
    states = 0.5 + 0.1 * torch.randn(4, 1000, 7)
    actions = 0.04 * torch.randn(4, 1000, 7)
    scale = MotionScale()
    scale.fit(states, actions)
    features = scale.states(states).flatten(0, 1)
    torch.testing.assert_close(features.mean(0), torch.zeros(10), atol=1e-4, rtol=0)
    torch.testing.assert_close(features.std(0), torch.ones(10), atol=1e-3, rtol=0)
    torch.testing.assert_close(
        scale.actions(actions).square().mean(dim=(0, 1)), torch.ones(7), atol=1e-3, rtol=0
    )
    assert scale.actions(torch.zeros(7)).abs().max() == 0


def test_what_never_varies_is_not_blown_up() -> None:
    """A millimetre of noise on a constant stays far below size one."""
    torch.manual_seed(0)
    scale = MotionScale()
    scale.fit(0.3 + 1e-3 * torch.randn(1000, 7), 1e-3 * torch.randn(1000, 7))
    assert scale.states(torch.full((7,), 0.301)).abs().max() < 0.1
    assert scale.actions(torch.full((7,), 1e-3)).abs().max() < 0.1


def test_angles_wrap_around() -> None:
    """A roll of pi and one of -pi are the same hand."""
    up, down = torch.zeros(2, 7)
    up[3], down[3] = math.pi, -math.pi
    scale = MotionScale()
    torch.testing.assert_close(scale.states(up), scale.states(down), atol=1e-6, rtol=0)
