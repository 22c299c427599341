"""The pixel predictor as the planner sees it."""

import numpy as np
import pytest
import torch
from torch import Tensor

from vjepa2_models.baselines import PixelPredictor, PixelWorldModel
from vjepa2_models.baselines.pixel_predictor import rollout, states_along

STATES = torch.tensor([[0.5, 0.1, 0.3, 3.1, 0.0, 0.0, 0.2]])


@pytest.fixture
def model(predictor: PixelPredictor) -> PixelWorldModel:
    return PixelWorldModel(predictor)


@pytest.fixture
def views(model: PixelWorldModel) -> Tensor:
    """Two pictures: the first for the context, the second for the goal."""
    frames = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    return model.encode(frames)


def test_energies_are_those_of_imagined_ends(model: PixelWorldModel, views: Tensor) -> None:
    """Over all batches that the candidates are imagined in, whatever the context's length."""
    torch.manual_seed(0)
    actions = 0.05 * torch.randn(20, 2, 7)
    energies = model.energies(views[:1], STATES, views[1:], actions)
    states = states_along(STATES.expand(20, -1), actions)
    imagined = rollout(model.predictor, views[:1].expand(20, -1, -1, -1), states, actions)
    expected = (imagined[:, -1].clamp(0, 1) - views[1:]).abs().mean(dim=(1, 2, 3))
    torch.testing.assert_close(energies, expected)
    assert energies.std() > 0
    longer = model.energies(views.flip(0), STATES.repeat(2, 1), views[1:], actions)
    torch.testing.assert_close(longer, energies)


def test_the_pose_before_the_last_action_matters(model: PixelWorldModel, views: Tensor) -> None:
    """Two ways to the same end are not the same to a network that sees each state."""
    there, back = torch.zeros(2, 1, 7)
    there[0, 0] = 0.07
    both = torch.stack((torch.cat((there, back)), torch.cat((back, there))))
    first, second = model.energies(views[:1], STATES, views[1:], both)
    assert first != second


def test_distance_needs_no_prediction(model: PixelWorldModel, views: Tensor) -> None:
    """Between the last picture and the goal."""
    assert model.distance(views, views[1:]) == 0
    expected = float((views[0] - views[1]).abs().mean())
    assert model.distance(views[:1], views[1:]) == pytest.approx(expected)


def test_energies_that_are_not_finite_are_infinite(model: PixelWorldModel, views: Tensor) -> None:
    """Of one candidate, and of all of them for a goal with NaN in it."""
    actions = torch.zeros(3, 1, 7)
    actions[1, 0, 0] = torch.nan
    energies = model.energies(views[:1], STATES, views[1:], actions)
    assert energies.isposinf().tolist() == [False, True, False]
    lost = views[1:].clone()
    lost[0, 0, 0, 0] = torch.nan
    assert model.energies(views[:1], STATES, lost, actions).isposinf().all()


def test_half_precision_ranks_candidates_alike(predictor: PixelPredictor, views: Tensor) -> None:
    """bfloat16 changes the energies by little."""
    actions = 0.05 * torch.randn(8, 1, 7, generator=torch.Generator().manual_seed(0))
    exact = PixelWorldModel(predictor).energies(views[:1], STATES, views[1:], actions)
    half = PixelWorldModel(predictor, torch.bfloat16).energies(
        views[:1], STATES, views[1:], actions
    )
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, exact, atol=5e-3, rtol=0)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("context", torch.zeros(1, 3, 8, 8)),
        ("context", torch.zeros(0, 3, 16, 16)),
        ("states", torch.zeros(2, 7)),
        ("states", torch.zeros(1, 6)),
        ("goal", torch.zeros(2, 3, 16, 16)),
        ("actions", torch.zeros(4, 7)),
        ("actions", torch.zeros(4, 0, 7)),
        ("actions", torch.zeros(4, 1, 6)),
    ],
)
def test_wrong_shapes_are_named(
    model: PixelWorldModel, views: Tensor, name: str, wrong: Tensor
) -> None:
    """Nothing is broadcast."""
    given = {
        "context": views[:1],
        "states": STATES,
        "goal": views[1:],
        "actions": torch.zeros(4, 1, 7),
    }
    given[name] = wrong
    with pytest.raises(ValueError, match=f"{name} must be"):
        model.energies(*given.values())


def test_states_that_are_not_finite_are_refused(model: PixelWorldModel, views: Tensor) -> None:
    """The message shows them."""
    with pytest.raises(ValueError, match=r"not finite.*nan"):
        model.energies(views[:1], STATES * torch.nan, views[1:], torch.zeros(1, 1, 7))
