"""The whole graph at work: simulation, Franka bridge, world model, planner, sequencer."""

from __future__ import annotations

from itertools import pairwise
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter as RosParameter
from sensor_msgs.msg import Image

from tests.system.conftest import Lab
from vjepa2_msgs.action import ExecuteDelta, PursueGoal, RunTask
from vjepa2_msgs.msg import (
    EndEffectorState,
    LatentId,
    MotionCode,
    Outcome,
    PursuitStep,
    RobotMode,
    TaskCode,
    TaskStatus,
)
from vjepa2_msgs.srv import EncodeGoal, Jog, ScoreTrial
from vjepa2_node import names
from vjepa2_node.qos import EVENTS, IMAGES, LATCHED, STATES
from vjepa2_node.stamps import now_seconds, to_seconds

SETTLE = 0.02
"""`settle_time` of preset demo_sim [s]."""
DELAY = 0.4
"""Of images [s]; preflight refuses those that are over 0.5 s old."""


def _steps_of(feedback: SimpleQueue[Any], count: int) -> list[PursuitStep]:
    return [feedback.get(timeout=60.0).feedback.step for _ in range(count)]


def test_nodes_come_up_in_order(lab: Lab) -> None:
    """Each is active before the next one is configured."""
    order = ["simulation", "franka_bridge", "world_model", "planner", "sequencer", "calibrator"]
    steps = [line for line in lab.progress if line.endswith((": configure", ": active"))]
    assert steps == [f"{node}: {step}" for node in order for step in ("configure", "active")]


def test_a_task_is_reached(lab: Lab) -> None:
    """Twelve steps with the bundled model end at the goal, by the simulator's own word."""
    goal = lab.set_up(seed=7)
    result = lab.graph.result(lab.start(goal, budget=12), timeout=120.0)
    assert result.code.code == TaskCode.OK, result.message
    assert result.outcome.outcome == Outcome.BUDGET_SPENT
    assert (result.steps, result.sub_goals_done) == (12, 1)
    score = lab.graph.call(ScoreTrial, names.SCORE_TRIAL, ScoreTrial.Request())
    assert score.reached, f"{score.distance} m"


def test_no_plan_uses_an_image_from_before_the_motion_ended(lab: Lab) -> None:
    """With images 0.4 s late, each step's image is later than motion end plus settling."""
    goal = lab.set_up(seed=8)
    images = lab.graph.collect(Image, names.IMAGE, IMAGES)
    steps = lab.graph.collect(PursuitStep, names.PLANNER_STEPS, EVENTS)
    clock = lab.graph.client.get_clock()
    _set(lab, "simulation", "image_delay", DELAY)
    try:
        late = images.until(
            lambda m: now_seconds(clock) - to_seconds(m.header.stamp) > 0.9 * DELAY
        )
        assert late
        result = lab.graph.result(lab.start(goal, budget=4), timeout=120.0)
    finally:
        _set(lab, "simulation", "image_delay", 0.0)
    assert result.code.code == TaskCode.OK, result.message
    assert len(steps.messages) == 4
    for before, after in pairwise(steps.messages):
        captured = to_seconds(after.header.stamp)
        ended = to_seconds(before.motion.motion_end_stamp)
        assert captured > ended + SETTLE
        # The arm stands where the last motion left it, and that is what was planned from.
        assert np.allclose(after.state[:3], before.motion.end[:3], atol=2e-3)
    # Old images were there to be taken: had one been, a step would have begun so much earlier.
    assert all(step.overhead_seconds > 0.9 * DELAY for step in steps.messages[1:])


def test_paused_moved_and_resumed_without_a_jump(lab: Lab) -> None:
    """Elsewhere after a pause, the arm goes on from there, by steps no longer than any other."""
    goal = lab.set_up(seed=9)
    feedback: SimpleQueue[Any] = SimpleQueue()
    task = lab.start(goal, budget=8, feedback=feedback.put)
    first = _steps_of(feedback, 1)[0]
    assert lab.ask(names.PAUSE) == TaskCode.OK
    status = lab.graph.collect(TaskStatus, names.TASK_STATUS, LATCHED)
    paused = status.until(lambda m: m.state == TaskStatus.PAUSED)
    while not feedback.empty():
        feedback.get()
    lab.set_up(seed=12)  # as if moved by hand: the joints are elsewhere at once
    states = lab.graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, STATES)
    moved = np.array(states.next(3)[-1].state)
    assert np.linalg.norm(moved[:3] - first.motion.end[:3]) > 0.03
    assert lab.ask(names.RESUME) == TaskCode.OK
    result = lab.graph.result(task, timeout=120.0)
    assert result.code.code == TaskCode.OK, result.message
    assert result.steps == 8
    rest = _steps_of(feedback, 8 - paused.steps_done)
    assert np.allclose(rest[0].motion.start[:3], moved[:3], atol=2e-3)
    assert np.allclose(rest[0].state[:3], moved[:3], atol=2e-3)
    for step in rest:
        # By what was planned, and from where the arm then stood.
        assert np.allclose(step.motion.start[:3], step.state[:3], atol=2e-3)


def test_aborted_in_mid_motion_the_arm_stands(lab: Lab) -> None:
    """The motion in progress is stopped, the task ends ABORTED, and nothing moves after it."""
    goal = lab.set_up(seed=10)
    states = lab.graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, STATES)
    steps = lab.graph.collect(PursuitStep, names.PLANNER_STEPS, EVENTS)
    task = lab.start(goal, budget=12)
    states.until(lambda m: m.mode == RobotMode.MOVING)
    assert lab.ask(names.ABORT) == TaskCode.OK
    result = lab.graph.result(task)
    assert result.code.code == TaskCode.ABORTED
    assert steps.until().motion.code.code == MotionCode.STOPPED
    at_end = np.array(states.next()[-1].state)
    later = np.array(states.next(30)[-1].state)
    assert np.abs(later - at_end).max() < 1e-3
    assert lab.ask(names.RESUME) == TaskCode.NO_TASK


def test_a_second_client_is_turned_down_at_each_level(lab: Lab) -> None:
    """Task, goal and command: the second gets a code, the first goes on."""
    goal = lab.set_up(seed=11)
    latent = lab.graph.call(EncodeGoal, names.ENCODE_GOAL, EncodeGoal.Request(goal=goal)).latent
    states = lab.graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, STATES)
    task = lab.start(goal, budget=3)
    states.until(lambda m: m.mode == RobotMode.MOVING)
    jog = lab.graph.call(Jog, names.JOG, Jog.Request(delta=[0.0, 0.0, 0.01, 0.0, 0.0, 0.0, 0.0]))
    assert jog.report.code.code in (MotionCode.REFUSED_BUSY, MotionCode.REFUSED_MODE)
    second = lab.graph.run(RunTask, names.RUN_TASK, RunTask.Goal(goal_images=[goal], budgets=[1]))
    assert second.code.code == TaskCode.BUSY
    pursuit = lab.graph.run(PursueGoal, names.PURSUE_GOAL, PursueGoal.Goal(goal=latent, budget=1))
    assert pursuit.outcome.outcome == Outcome.BUSY
    result = lab.graph.result(task, timeout=60.0)
    assert (result.code.code, result.steps) == (TaskCode.OK, 3)


@pytest.mark.parametrize(
    ("goal", "budget", "threshold", "expected", "named"),
    [
        (LatentId(), 3, 0.0, Outcome.BAD_REQUEST, "goal"),
        (LatentId(session=1, number=1), 5000, 0.0, Outcome.BAD_REQUEST, "budget"),
        (LatentId(session=1, number=1), 3, float("nan"), Outcome.BAD_REQUEST, "threshold"),
        (LatentId(session=1, number=1), 3, 0.0, Outcome.WORLD_MODEL_LOST, "latent"),
    ],
)
def test_a_bad_goal_moves_nothing(
    lab: Lab, goal: LatentId, budget: int, threshold: float, expected: int, named: str
) -> None:
    """The planner says what is wrong with it."""
    result = lab.graph.run(
        PursueGoal,
        names.PURSUE_GOAL,
        PursueGoal.Goal(goal=goal, budget=budget, energy_threshold=threshold),
    )
    assert result.outcome.outcome == expected
    assert named in result.outcome.message
    assert result.steps == 0


def test_bad_messages_do_no_harm(lab: Lab) -> None:
    """Broken images and states on the topics: the task ends with a code, and the next one runs."""
    goal = lab.set_up(seed=13)
    image_topic = lab.graph.client.create_publisher(Image, names.IMAGE, IMAGES)
    state_topic = lab.graph.client.create_publisher(
        EndEffectorState, names.END_EFFECTOR_STATE, STATES
    )
    clock = lab.graph.client.get_clock()
    broken = Image(encoding="rgb8", height=10, width=10, step=30, data=[1, 2, 3])
    lost = EndEffectorState(state=[float("nan")] * 7)
    task = lab.start(goal, budget=3)
    for _ in range(50):
        broken.header.stamp = lost.header.stamp = clock.now().to_msg()
        image_topic.publish(broken)
        state_topic.publish(lost)
    first = lab.graph.result(task, timeout=60.0)
    assert first.code.code in (
        *(TaskCode.OK, TaskCode.NO_IMAGE, TaskCode.CAMERA_STALE, TaskCode.GOAL_SIZE),
        *(TaskCode.PURSUIT_FAILED, TaskCode.WORLD_MODEL_LOST, TaskCode.ROBOT_NOT_READY),
    ), first
    lab.graph.client.destroy_publisher(image_topic)
    lab.graph.client.destroy_publisher(state_topic)
    again = lab.graph.result(lab.start(lab.set_up(seed=13), budget=2), timeout=60.0)
    assert (again.code.code, again.steps) == (TaskCode.OK, 2), again.message


def test_a_command_that_is_no_number_moves_nothing(lab: Lab) -> None:
    """Straight to the bridge, past all planning."""
    goal = ExecuteDelta.Goal(sequence=2**62, delta=[float("nan")] * 7)
    goal.header.stamp = lab.graph.client.get_clock().now().to_msg()
    report = lab.graph.run(ExecuteDelta, names.EXECUTE_DELTA, goal).report
    assert report.code.code >= 50
    assert report.message
    assert list(report.achieved) == [0.0] * 7


def _set(lab: Lab, node: str, name: str, value: Any) -> None:
    parameter = RosParameter(name, value=value).to_parameter_msg()
    answer = lab.graph.call(
        SetParameters, f"{node}/set_parameters", SetParameters.Request(parameters=[parameter])
    )
    assert answer.results[0].successful, answer.results[0].reason
