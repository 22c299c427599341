"""Reach trials."""

import numpy as np
import pytest

from vjepa2_sim.reach import DISTANCE_M, draw_reach_trial, goal_image, start_joints
from vjepa2_sim.workspace import WORKSPACE


@pytest.mark.parametrize("seed", range(20))
def test_start_and_goal_lie_in_the_workspace_at_the_stated_distance(seed):
    """Both in the box, 15 to 30 cm apart, and the same again from the same seed."""
    trial, again = draw_reach_trial(seed), draw_reach_trial(seed)
    assert WORKSPACE.contains(trial.start[:3])
    assert WORKSPACE.contains(trial.goal[:3])
    assert DISTANCE_M[0] <= trial.distance_m <= DISTANCE_M[1]
    np.testing.assert_array_equal(trial.goal, again.goal)
    assert trial.camera == again.camera
    assert trial.goal[0] != draw_reach_trial(seed + 1).goal[0]


def test_goal_image_shows_the_arm_at_the_goal(driver, camera):
    """The arm is at the goal after rendering, and the picture differs from that at the start."""
    trial = draw_reach_trial(7)
    goal = goal_image(trial, driver, camera)
    np.testing.assert_allclose(driver.state().pose[:3], trial.goal[:3], atol=1e-4)
    again = goal_image(trial, driver, camera)
    np.testing.assert_array_equal(goal, again)
    driver.place(start_joints(trial, driver))
    np.testing.assert_allclose(driver.state().pose[:3], trial.start[:3], atol=1e-4)
    assert np.abs(camera.capture(driver.data).astype(int) - goal).mean() > 3.0
