"""The simulator as a world model."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vjepa2_planner import WorldModel
from vjepa2_sim.simulator_world_model import SimulatorWorldModel

coordinates = st.floats(-1, 1, width=32)
states = arrays(np.float32, 7, elements=coordinates)


@given(
    start=states,
    goal=states,
    actions=arrays(np.float32, (3, 2, 7), elements=st.floats(-0.125, 0.125, width=32)),
)
def test_energies_are_distances(start, goal, actions):
    """Translations add up, whatever the rotations; the energy is what is left to the goal."""
    model: WorldModel = SimulatorWorldModel()
    context = model.encode(start[None])
    energies = model.energies(
        context, torch.from_numpy(start[None]), model.encode(goal[None]), torch.from_numpy(actions)
    )
    ends = start[:3] + actions[:, :, :3].sum(axis=1)
    expected = np.linalg.norm(ends - goal[:3], axis=1)
    np.testing.assert_allclose(energies.numpy(), expected, atol=1e-5)


@given(start=states, goal=states)
def test_distance_is_the_energy_of_standing_still(start, goal):
    """Doing nothing scores what the two states are apart."""
    model = SimulatorWorldModel()
    context, latent = model.encode(start[None]), model.encode(goal[None])
    still = model.energies(context, context, latent, torch.zeros(1, 1, 7))
    assert model.distance(context, latent) == pytest.approx(float(still), abs=1e-5)
    assert model.distance(context, latent) == pytest.approx(
        np.linalg.norm(start[:3] - goal[:3]), abs=1e-5
    )


@given(start=states, goal=states)
def test_its_gradient_points_away_from_the_goal(start, goal):
    """Of length 1 at every step of the horizon, whatever the distance."""
    model = SimulatorWorldModel()
    context, latent = model.encode(start[None]), model.encode(goal[None])
    still = torch.zeros(1, 2, 7)
    energies, gradients = model.energies_with_gradients(context, context, latent, still)
    torch.testing.assert_close(energies, model.energies(context, context, latent, still))
    away = (context - latent)[0, :3]
    if away.norm() > 1e-3:
        for gradient in gradients[0]:
            torch.testing.assert_close(gradient[:3], away / away.norm(), atol=1e-4, rtol=0)
            assert not gradient[3:].any()
