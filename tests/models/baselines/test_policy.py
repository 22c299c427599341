"""The goal-conditioned policy, and how the closed loop meets it."""

import numpy as np
import pytest
import torch
from torch import Tensor

from vjepa2_models.baselines import BehaviourCloning, BehaviourCloningSizes, PolicyWorldModel
from vjepa2_models.baselines.behaviour_cloning import LARGEST_ACTION, clip_action

STATES = torch.tensor([[0.5, 0.1, 0.3, 3.1, 0.0, 0.0, 0.2]])


@pytest.fixture
def model(policy: BehaviourCloning) -> PolicyWorldModel:
    return PolicyWorldModel(policy)


@pytest.fixture
def views(model: PolicyWorldModel) -> Tensor:
    """Two pictures: the first for the context, the second for the goal."""
    frames = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    return model.encode(frames)


def test_the_default_is_small() -> None:
    """About a million weights."""
    policy = BehaviourCloning(BehaviourCloningSizes())
    assert 0.5e6 < sum(weight.numel() for weight in policy.parameters()) < 1.5e6


def test_an_action_is_bounded(policy: BehaviourCloning) -> None:
    """However sure the network is."""
    torch.nn.init.normal_(policy.head[-1].weight, std=1000)
    actions = policy(torch.rand(8, 3, 16, 16), torch.rand(8, 3, 16, 16), torch.randn(8, 7))
    assert actions.shape == (8, 7) and actions.dtype == torch.float32
    largest = torch.tensor(LARGEST_ACTION)
    assert (actions.abs() <= largest).all() and (actions.abs() > 0.9 * largest).any()


def test_it_looks_at_both_pictures_and_at_the_state(
    model: PolicyWorldModel, views: Tensor
) -> None:
    """Another of any of the three is another action; only the last frame counts."""
    action = model.act(views[:1], STATES, views[1:])
    assert action.shape == (7,) and action.dtype == torch.float32
    assert not torch.equal(model.act(views[1:], STATES, views[1:]), action)
    assert not torch.equal(model.act(views[:1], STATES, views[:1]), action)
    assert not torch.equal(model.act(views[:1], STATES + 0.5, views[1:]), action)
    longer = model.act(views.flip(0), STATES.repeat(2, 1), views[1:])
    torch.testing.assert_close(longer, action)


@pytest.mark.parametrize(("closedness", "bias"), [(0.1, -100.0), (0.9, 100.0), (-0.01, -100.0)])
def test_fingers_stay_within_their_range(
    policy: BehaviourCloning, views: Tensor, closedness: float, bias: float
) -> None:
    """It never asks for more than open or closed."""
    policy.head[-1].bias[6] = bias
    states = STATES.clone()
    states[0, 6] = closedness
    action = PolicyWorldModel(policy).act(views[:1], states, views[1:])
    ends = max(closedness, 0.0) + float(action[6])
    assert ends == pytest.approx(0.0 if bias < 0 else 1.0, abs=1e-6)


def test_wrong_input_is_named(model: PolicyWorldModel, views: Tensor) -> None:
    """Shapes, and a state that is not finite."""
    with pytest.raises(ValueError, match=r"context must be \[1, 3, 16, 16\]"):
        model.act(views[:0], STATES, views[1:])
    with pytest.raises(ValueError, match=r"states must be \[1, 7\]"):
        model.act(views[:1], STATES[0], views[1:])
    with pytest.raises(ValueError, match="goal must be"):
        model.act(views[:1], STATES, views)
    with pytest.raises(ValueError, match="not finite"):
        model.act(views[:1], STATES * torch.inf, views[1:])


def test_it_scores_no_actions(model: PolicyWorldModel, views: Tensor) -> None:
    """A planner that asks is told what to do instead."""
    with pytest.raises(NotImplementedError, match="planner for a policy"):
        model.energies(views[:1], STATES, views[1:], torch.zeros(1, 1, 7))


def test_distance_is_that_of_pixels(model: PolicyWorldModel, views: Tensor) -> None:
    """As the pixel predictor has it."""
    expected = float((views[0] - views[1]).abs().mean())
    assert model.distance(views[:1], views[1:]) == pytest.approx(expected)


def test_clipping_is_by_axis() -> None:
    """A long way keeps the axes that are short enough."""
    clipped = clip_action(torch.tensor([0.3, -0.01, -0.2, 0.0, 0.5, -0.5, 1.0]))
    torch.testing.assert_close(
        clipped, torch.tensor([0.075, -0.01, -0.075, 0.0, 0.08, -0.08, 0.75])
    )


@pytest.mark.parametrize(
    "sizes", [{"widths": ()}, {"widths": (12,)}, {"img_size": 40}, {"hidden": 0}]
)
def test_sizes_that_do_not_go(sizes: dict[str, object]) -> None:
    """Each is named."""
    with pytest.raises(ValueError, match=next(iter(sizes))):
        BehaviourCloningSizes(**sizes)  # type: ignore[arg-type]
