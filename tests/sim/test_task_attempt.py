"""Whole tasks with contact physics, planned with the simulator's own knowledge."""

import numpy as np
import pytest

from vjepa2_sim.contact_bench import open_contact_bench
from vjepa2_sim.object_world_model import ObjectWorldModel
from vjepa2_sim.planner_for import finger_check_for, planner_for
from vjepa2_sim.task_attempt import attempt_task
from vjepa2_sim.task_draw import OBJECTS, TASKS, draw_task_trial
from vjepa2_sim.task_success import Cause


@pytest.fixture(scope="module")
def bench():
    """One bench for all tests."""
    with open_contact_bench() as bench:
        yield bench


@pytest.fixture(scope="module")
def planner():
    """The tasks' own."""
    return planner_for(ObjectWorldModel(), "demo_tasks")


@pytest.mark.parametrize("thing", OBJECTS)
@pytest.mark.parametrize("task", TASKS)
def test_a_perfect_world_model_does_every_task(bench, planner, task, thing):
    """Within the budgets, and in the order of the sub-goals."""
    trial = draw_task_trial(task, thing, 41)
    fingers = finger_check_for(ObjectWorldModel(), "demo_tasks")
    attempt = attempt_task(bench, trial, ObjectWorldModel(), planner, 64, fingers=fingers)
    assert attempt.cause is Cause.SUCCESS, attempt.steps[-1]
    names = [step.sub_goal for step in attempt.steps]
    assert list(dict.fromkeys(names)) == [goal.name for goal in trial.sub_goals]
    assert len(attempt.steps) == sum(goal.steps for goal in trial.sub_goals)


def test_the_start_is_as_drawn(bench):
    """Arm, object, and fingers that hold it where they should."""
    for thing in OBJECTS:
        trial = draw_task_trial("reach_with_object", thing, 42)
        bench.set_up(trial)
        state = bench.table.true_state()
        np.testing.assert_allclose(state.position, trial.start.hand[:3], atol=2e-3)
        assert state.objects[thing].held
        np.testing.assert_allclose(
            state.objects[thing].position, trial.start.thing.position, atol=6e-3
        )


def test_goal_images_show_what_the_camera_will_see(bench):
    """The picture of a sub-goal, and the live view once the scene is so, hardly differ."""
    trial = draw_task_trial("pick_and_place", "box", 43)
    pictures = bench.goal_images(trial, 64)
    bench.set_up(trial)
    bench.arm.execute(trial.sub_goals[0].arrangement.hand - bench.arm.state().pose)
    live = bench.table.capture(64).image.astype(float)
    differences = [np.abs(picture - live).mean() for picture in pictures]
    assert differences[0] < 0.7
    assert min(differences[1:]) > 2 * differences[0]


def test_an_attempt_repeats(bench, planner):
    """Same seed, same course."""
    trial = draw_task_trial("grasp", "cup", 44)
    first, second = (attempt_task(bench, trial, ObjectWorldModel(), planner, 64) for _ in range(2))
    assert [s.energy for s in first.steps] == [s.energy for s in second.steps]
    assert first.cause is second.cause
