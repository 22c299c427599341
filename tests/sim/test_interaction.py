"""Scripted motions without the simulation: what they ask for stays within bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vjepa2_sim.interaction import grasp_and_release, push, restless_fingers
from vjepa2_sim.random_motion import MAX_STEP_M
from vjepa2_sim.scripted_motion import ScriptedMotion, Waypoint
from vjepa2_sim.table_objects import BOX, CUP
from vjepa2_sim.workspace import INTERACTION_WORKSPACE


def follow(motion, pose, steps):
    """Poses [steps+1,7] of an arm that does exactly what it is told."""
    poses = [np.array(pose)]
    for _ in range(steps):
        poses.append(poses[-1] + motion.next_delta(poses[-1]))
    return np.stack(poses)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from([BOX, CUP]),
    st.sampled_from([grasp_and_release, push, restless_fingers]),
)
def test_steps_stay_within_bounds(seed, thing, script):
    """At most 7.5 cm per axis, no rotation, within the workspace, closedness in [0, 1]."""
    rng = np.random.default_rng(seed)
    start = [*INTERACTION_WORKSPACE.sample(rng), np.pi, 0, 0, rng.random()]
    poses = follow(ScriptedMotion(rng, script(rng, thing)), start, 24)
    steps = np.diff(poses, axis=0)
    assert np.all(np.abs(steps[:, :3]) < MAX_STEP_M + 1e-9)
    assert np.all(steps[:, 3:6] == 0)
    assert np.all(poses[:, :3] > np.array(INTERACTION_WORKSPACE.lower) - 1e-9)
    assert np.all(poses[:, :3] < np.array(INTERACTION_WORKSPACE.upper) + 1e-9)
    assert np.all((poses[:, 6] >= 0) & (poses[:, 6] <= 1))


def test_restless_fingers_move_alone():
    """In most steps, closing and opening in turn."""
    rng = np.random.default_rng(0)
    motion = ScriptedMotion(rng, restless_fingers(rng, BOX))
    start = [*BOX.position[:2], 0.2, np.pi, 0, 0, 0.0]
    steps = np.diff(follow(motion, start, 24), axis=0)
    alone = (np.abs(steps[:, :3]).max(axis=1) == 0) & (np.abs(steps[:, 6]) > 0.05)
    assert alone.mean() > 0.4
    assert np.any(steps[alone, 6] > 0)
    assert np.any(steps[alone, 6] < 0)


def test_fingers_turn_on_arrival_or_on_the_way():
    """A grasp waits for its place; opening for one need not."""
    goal = np.array([0.5, 0.0, 0.2])
    pose = [0.5, 0.0, 0.4, np.pi, 0, 0, 0.5]
    for on_the_way in (False, True):
        waypoint = Waypoint(goal, rate=0.2, steps=2, on_the_way=on_the_way)
        first = ScriptedMotion(np.random.default_rng(1), [waypoint]).next_delta(np.array(pose))
        assert bool(first[6] > 0) is on_the_way


def test_an_unreached_waypoint_is_given_up():
    """An arm that is stopped on its way goes on with the script."""
    waypoints = [Waypoint(np.array([0.5, 0.0, 0.02])), Waypoint(np.array([0.5, 0.0, 0.3]))]
    motion = ScriptedMotion(np.random.default_rng(3), waypoints)
    stuck = np.array([0.5, 0.0, 0.1, np.pi, 0, 0, 1.0])
    rises = [motion.next_delta(stuck)[2] for _ in range(16)]
    assert rises[0] < 0
    assert max(rises[8:]) > 0.05


@pytest.mark.parametrize("thing", [BOX, CUP])
def test_grasps_leave_room_for_the_palm(thing):
    """The hand never goes so low over an object that the palm would meet it."""
    for seed in range(50):
        grip = grasp_and_release(np.random.default_rng(seed), thing)[1].position
        assert 2 * thing.half_height - grip[2] < 0.031
