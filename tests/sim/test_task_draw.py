"""Trials of the tasks with an object: drawn from their seed alone, and possible."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vjepa2_sim.grasp_geometry import closed_on, grip_of
from vjepa2_sim.task_draw import CARRY_M, OBJECTS, START_L1_M, TASKS, draw_task_trial
from vjepa2_sim.workspace import INTERACTION_WORKSPACE

drawn = st.builds(
    draw_task_trial, st.sampled_from(TASKS), st.sampled_from(OBJECTS), st.integers(0, 2**40)
)


@settings(max_examples=60)
@given(drawn)
def test_every_pose_is_in_the_workspace(trial):
    """Start and sub-goals; the object lies on the table unless it is held."""
    for arrangement in (trial.start, *(goal.arrangement for goal in trial.sub_goals)):
        assert INTERACTION_WORKSPACE.enlarged(1e-9).contains(arrangement.hand[:3])
        height = arrangement.thing.position[2] - arrangement.thing.half_height
        assert height == pytest.approx(0.0, abs=1e-9) or (arrangement.held and height > 0)
    assert all(goal.steps >= 1 for goal in trial.sub_goals)


@settings(max_examples=60)
@given(drawn)
def test_a_held_object_is_in_the_hand(trial):
    """It keeps its place relative to the hand, and the fingers are closed on it."""
    grip = grip_of(trial.start.thing) if not trial.start.held else None
    for arrangement in (trial.start, *(goal.arrangement for goal in trial.sub_goals)):
        if arrangement.held:
            offset = arrangement.hand[:3] - np.array(arrangement.thing.position)
            np.testing.assert_allclose(offset[:2], 0, atol=1e-9)
            assert arrangement.hand[6] == pytest.approx(closed_on(arrangement.thing))
            if grip is not None:
                resting = grip - np.array(trial.start.thing.position)
                np.testing.assert_allclose(offset, resting, atol=1e-9)
        else:
            assert arrangement.hand[6] == 0


@settings(max_examples=60)
@given(st.sampled_from(OBJECTS), st.integers(0, 2**40))
def test_tasks_begin_and_end_where_they_should(thing, seed):
    """A grasp begins within 0.2 m of it (L1); what is placed goes 10 to 20 cm, on the table."""
    for task in ("grasp", "pick_and_place"):
        trial = draw_task_trial(task, thing, seed)
        offset = trial.start.hand[:3] - grip_of(trial.start.thing)
        assert np.abs(offset).sum() <= START_L1_M
        assert not trial.start.held
    moved = np.array(trial.goal.thing.position) - np.array(trial.start.thing.position)
    assert moved[2] == pytest.approx(0)
    assert CARRY_M[0] <= np.linalg.norm(moved) <= CARRY_M[1]
    carrying = draw_task_trial("reach_with_object", thing, seed)
    assert carrying.start.held
    assert carrying.goal.held


def test_the_seed_decides_and_nothing_else():
    """The same trial again, and another from another seed, task or object."""
    same = [draw_task_trial("grasp", "cup", 7).start for _ in range(2)]
    np.testing.assert_array_equal(same[0].hand, same[1].hand)
    assert same[0].thing == same[1].thing
    others = [("grasp", "cup", 8), ("grasp", "box", 7), ("pick_and_place", "cup", 7)]
    assert all((draw_task_trial(*other).start.hand != same[0].hand).any() for other in others)


@pytest.mark.parametrize(
    ("asked", "named"),
    [(("reach", "cup", 1), "reach"), (("grasp", "ball", 1), "ball"), (("grasp", "cup", -1), "-1")],
)
def test_what_there_is_not_is_refused(asked, named):
    """By name, with what there is."""
    with pytest.raises(ValueError, match=named):
        draw_task_trial(*asked)
