"""Gradients of energies by actions: against finite differences, and where there are none."""

import pytest
import torch
from torch import Tensor

from vjepa2_models import WorldModel
from vjepa2_models.objective import Objective


@pytest.fixture
def problem(golden: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    random = torch.Generator().manual_seed(3)
    scale = torch.tensor([0.05, 0.05, 0.05, 0.1, 0.1, 0.1, 0.2])
    actions = torch.randn(4, 2, 7, generator=random) * scale
    states = golden["states"][0, :1].float().clone()
    states[0, 6] = 0.5  # away from where closedness is clipped, which has no derivative
    return golden["features"][:1], states, golden["features"][1:2], actions


@pytest.mark.parametrize("distance", ["l1", "l2", "cosine"])
def test_gradients_are_finite_differences(
    world_model: WorldModel, problem: tuple[Tensor, ...], distance: str
) -> None:
    """In double precision, through two steps and the poses between them."""
    model = world_model_in_double(world_model)
    model.objective = Objective(distance)  # type: ignore[arg-type]
    context, states, goal, actions = (x.double() for x in problem)
    energies, gradients = model.energies_with_gradients(context, states, goal, actions)
    torch.testing.assert_close(energies, model.energies(context, states, goal, actions))
    step = 1e-3
    for index in range(7):
        for when in range(2):
            moved = actions.clone()
            moved[:, when, index] += step
            ahead = model.energies(context, states, goal, moved)
            moved[:, when, index] -= 2 * step
            behind = model.energies(context, states, goal, moved)
            expected = (ahead - behind) / (2 * step)
            torch.testing.assert_close(
                gradients[:, when, index].double(), expected.double(), atol=2e-3, rtol=2e-2
            )


def world_model_in_double(world_model: WorldModel) -> WorldModel:
    """The same weights in float64, which leaves rounding out of the comparison."""
    model = WorldModel(world_model.dimensions)
    model.load_state_dict(world_model.state_dict())
    return model.double().eval().requires_grad_(False)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_was_encoded_can_be_descended(
    world_model: WorldModel, golden: dict[str, Tensor], dtype: torch.dtype
) -> None:
    """Straight from `encode`, in the middle of inference, a step downhill lowers the energy."""
    model = WorldModel(world_model.dimensions)
    model.load_state_dict(world_model.state_dict())
    model.to(dtype).eval().requires_grad_(False)
    frames = golden["frames_uint8"]
    with torch.no_grad():
        context, goal = model.encode(frames[:1]), model.encode(frames[1:2])
        states, actions = golden["states"][0, :1].float(), torch.zeros(1, 1, 7)
        before, gradients = model.energies_with_gradients(context, states, goal, actions)
        step = 0.02 * gradients / gradients.norm()
        after = model.energies(context, states, goal, actions - step)
    assert gradients.dtype == torch.float32
    assert after < before
    assert all(weight.grad is None for weight in model.parameters())


def test_where_the_energy_is_not_finite_the_gradient_is_zero(
    world_model: WorldModel, problem: tuple[Tensor, ...]
) -> None:
    """For that candidate alone."""
    context, states, goal, actions = problem
    actions = actions.clone()
    actions[1] = torch.nan
    energies, gradients = world_model.energies_with_gradients(context, states, goal, actions)
    assert energies[1] == torch.inf
    assert not gradients[1].any()
    assert energies[[0, 2, 3]].isfinite().all()
    assert gradients[[0, 2, 3]].isfinite().all()
    assert gradients[[0, 2, 3]].abs().amax(dim=(1, 2)).min() > 0


def test_wrong_shapes_are_refused(world_model: WorldModel, problem: tuple[Tensor, ...]) -> None:
    """As for energies alone."""
    context, states, goal, actions = problem
    with pytest.raises(ValueError, match="actions must be"):
        world_model.energies_with_gradients(context, states, goal, actions[..., :6])
