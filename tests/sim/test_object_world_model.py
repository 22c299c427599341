"""What fingers do to an object, as the simulator's world model has it."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_sim.grasp_geometry import closed_on
from vjepa2_sim.object_world_model import ObjectWorldModel, scene_vector
from vjepa2_sim.task_draw import OBJECTS, draw_task_trial

MODEL = ObjectWorldModel()


def energy(scene, goal, *action):
    """Of one action of 7 numbers."""
    context, goal = (MODEL.encode(scene_vector(a)[None]) for a in (scene, goal))
    actions = torch.tensor([[list(action)]], dtype=torch.float32)
    return float(MODEL.energies(context, context[:, :7], goal, actions)[0])


def stages(thing, seed):
    """Arrangements of a pick-and-place by name."""
    trial = draw_task_trial("pick_and_place", thing, seed)
    return {goal.name: goal.arrangement for goal in trial.sub_goals}


@given(st.sampled_from(OBJECTS), st.integers(0, 10_000))
def test_the_right_action_leads_to_each_sub_goal(thing, seed):
    """Closing grasps, a held object moves along, opening lets it go where it stands."""
    at = stages(thing, seed)
    for start, goal in (("above", "around"), ("around", "grasp"), ("place", "release")):
        step = at[goal].hand - at[start].hand
        assert energy(at[start], at[goal], *step) < 1e-5
    up, still = [0, 0, 0.05, 0, 0, 0, 0], [0] * 7
    assert energy(at["grasp"], at["lift"], *up) < energy(at["grasp"], at["lift"], *still) - 0.09
    assert energy(at["around"], at["lift"], *up) > energy(at["grasp"], at["lift"], *up) + 0.04
    opening = [*still[:6], -closed_on(at["lift"].thing)]
    assert energy(at["lift"], at["lift"], *opening) > 0.09


@given(st.sampled_from(OBJECTS), st.integers(0, 10_000))
def test_running_into_the_object_costs(thing, seed):
    """A low hand beside it, closing or not, is worse off than one that is around it."""
    at = stages(thing, seed)
    beside = energy(at["around"], at["around"], 0.03, 0, 0, 0, 0, 0, 0)
    assert beside > 0.03 + 0.04


def test_gradients_are_those_of_the_energies():
    """By central differences, for a held object."""
    at = stages("cup", 3)
    context, goal = (MODEL.encode(scene_vector(at[n])[None]) for n in ("lift", "carry"))
    action = torch.tensor([[[0.02, -0.01, 0.01, 0.0, 0.0, 0.0, 0.0]]])
    energies, gradients = MODEL.energies_with_gradients(context, context[:, :7], goal, action)
    for axis in range(3):
        nudge = torch.zeros(1, 1, 7)
        nudge[..., axis] = 1e-3
        ends = [MODEL.energies(context, context, goal, action + s * nudge) for s in (1, -1)]
        slope = float((ends[0] - ends[1])[0]) / 2e-3
        assert abs(slope - float(gradients[0, 0, axis])) < 1e-2
    assert np.isfinite(float(energies[0]))


def test_the_distance_of_a_scene_from_itself_is_nothing():
    """And from any other sub-goal it is something."""
    at = stages("box", 4)
    views = {name: MODEL.encode(scene_vector(a)[None]) for name, a in at.items()}
    assert all(MODEL.distance(view, view) == 0 for view in views.values())
    assert MODEL.distance(views["around"], views["grasp"]) > 0.005
