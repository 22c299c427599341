"""Distances between imagined and wanted features."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from vjepa2_models import WorldModel, load_world_model
from vjepa2_models.objective import Objective


@pytest.fixture
def features() -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    return torch.randn(3, 5, 8, generator=random), torch.randn(1, 5, 8, generator=random)


def test_values_are_the_formulas(features: tuple[Tensor, Tensor]) -> None:
    """As numpy computes them."""
    a, b = (x.numpy().astype(np.float64) for x in features)
    cosines = (a * b).sum(-1) / (np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))
    expected = {
        "l1": np.abs(a - b).mean((1, 2)),
        "l2": ((a - b) ** 2).mean((1, 2)),
        "cosine": 1 - cosines.mean(1),
    }
    for name, values in expected.items():
        found = Objective(name).between(*features)  # type: ignore[arg-type]
        assert found.dtype == torch.float32
        np.testing.assert_allclose(found.numpy(), values, rtol=1e-5)


@pytest.mark.parametrize("distance", ["l1", "l2", "cosine"])
def test_the_goal_itself_is_at_no_distance(features: tuple[Tensor, Tensor], distance: str) -> None:
    """And everything else further away."""
    objective = Objective(distance)  # type: ignore[arg-type]
    others, goal = features
    assert float(objective.between(goal, goal)) == pytest.approx(0.0, abs=1e-6)
    assert (objective.between(others, goal) > 0.01).all()


def test_unknown_distance_lists_the_known_ones() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(ValueError, match="l1, l2, cosine"):
        Objective("manhattan")  # type: ignore[arg-type]


def test_sum_over_the_horizon(world_model: WorldModel, golden: dict[str, Tensor]) -> None:
    """The sum's energy is that of the first step and of the second."""
    context, states = golden["features"][:1], golden["states"][0, :1].float()
    goal = golden["features"][1:2]
    actions = torch.randn(3, 2, 7, generator=torch.Generator().manual_seed(1)) * 0.05
    one = world_model.energies(context, states, goal, actions[:, :1])
    two = world_model.energies(context, states, goal, actions)
    world_model.objective = Objective(sum_over_horizon=True)
    try:
        total = world_model.energies(context, states, goal, actions)
    finally:
        world_model.objective = Objective()
    torch.testing.assert_close(total, one + two, atol=1e-5, rtol=0)


def test_an_objective_given_on_loading(
    golden_paths: tuple[Path, Path], golden_config: dict[str, Any]
) -> None:
    """Is the one that the model plans with; without, it is the paper's."""
    chosen = Objective("cosine", sum_over_horizon=True)
    assert load_world_model(golden_paths[0], golden_config).objective == Objective("l1")
    loaded = load_world_model(golden_paths[0], golden_config, objective=chosen)
    assert loaded.objective == chosen


def test_distance_follows_the_objective(
    world_model: WorldModel, golden: dict[str, Tensor]
) -> None:
    """What the loop reports of a view is what it plans with."""
    view, goal = golden["features"][:1], golden["features"][1:2]
    l1 = world_model.distance(view, goal)
    world_model.objective = Objective("l2")
    try:
        assert world_model.distance(view, goal) != pytest.approx(l1)
    finally:
        world_model.objective = Objective()
    assert l1 == pytest.approx(float((view - goal).abs().mean()), abs=1e-6)
