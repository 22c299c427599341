"""The arm, its hand, its connection and its bridge fail."""

from __future__ import annotations

import time

import pytest

from tests.faults.faulty_arm import GRIPPER, REFLEX, STOP_BUTTON
from tests.faults.faulty_bridge import CONNECTION
from tests.faults.lab import SEED, FaultLab
from tests.faults.matrix import AT_ONCE, Matrix, Row, TimeOut
from tests.faults.track import StateTrack, held_after
from vjepa2_msgs.msg import MotionCode, Outcome, RobotMode, TaskCode
from vjepa2_msgs.srv import SetGripper, StopMotion
from vjepa2_node import names
from vjepa2_robot.gripper_settings import GripperSettings

pytestmark = pytest.mark.long

STEP = [0.02, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
HAND = TimeOut(GripperSettings().timeout, "`gripper.timeout`")


def test_user_stop(lab: FaultLab, matrix: Matrix) -> None:
    """At once; nothing follows until `recover`."""
    injected = lab.inject(
        lambda: lab.graph.call(StopMotion, names.STOP, StopMotion.Request()), AT_ONCE
    )
    outcome = injected.result.outcome
    assert (outcome.outcome, outcome.detail) == (Outcome.MOTION_FAILED, MotionCode.STOPPED)
    assert lab.command(STEP).code.code == MotionCode.STOPPED
    assert lab.recover().code.code == MotionCode.REACHED
    lab.works()
    matrix.add(
        Row(
            "user stop: the service `stop`",
            "brakes; no command is carried out until `recover`",
            f"{injected.code}, STOPPED",
            "`recover`, then the next task",
            AT_ONCE,
            injected.told,
            injected.held,
        )
    )


def test_stop_button(lab: FaultLab, matrix: Matrix) -> None:
    """The arm takes no command while it is pressed."""
    injected = lab.inject(lambda: lab.switches.on(STOP_BUTTON), AT_ONCE)
    outcome = injected.result.outcome
    assert (outcome.outcome, outcome.detail) == (Outcome.MOTION_FAILED, MotionCode.STOPPED)
    assert lab.command(STEP).code.code == MotionCode.REFUSED_MODE
    lab.switches.off(STOP_BUTTON)
    lab.switches.until(STOP_BUTTON, False)
    assert lab.recover().mode == RobotMode.IDLE
    lab.works()
    matrix.add(
        Row(
            "user stop: the stop button (at the driver's seam)",
            "brakes; commands are refused while it is pressed",
            f"{injected.code}, STOPPED; then REFUSED_MODE",
            "release it, `recover`, then the next task",
            AT_ONCE,
            injected.told,
            injected.held,
        )
    )


def test_reflex(lab: FaultLab, matrix: Matrix) -> None:
    """The arm stops itself; it is told of, and lasts until `recover`."""
    injected = lab.inject(lambda: lab.switches.on(REFLEX), AT_ONCE)
    outcome = injected.result.outcome
    assert (outcome.outcome, outcome.detail) == (Outcome.MOTION_FAILED, MotionCode.REFLEX)
    assert lab.recover().code.code == MotionCode.REFLEX, "it is not free yet"
    lab.switches.off(REFLEX)
    assert lab.command(STEP).code.code == MotionCode.REFUSED_MODE
    again = lab.graph.result(lab.start(lab.set_up(SEED), 1))
    assert again.code.code == TaskCode.ROBOT_NOT_READY, again.message
    answer = lab.recover()
    assert (answer.code.code, answer.mode) == (MotionCode.REACHED, RobotMode.IDLE)
    lab.works()
    matrix.add(
        Row(
            "robot reflex (at the driver's seam)",
            "has stopped; commands are refused",
            f"{injected.code}, REFLEX; then ROBOT_NOT_READY, REFUSED_MODE",
            "free it, `recover` (REFLEX as long as it is not free), then the next task",
            AT_ONCE,
            injected.told,
            injected.held,
        )
    )


def test_hanging_gripper(lab: FaultLab, matrix: Matrix) -> None:
    """It blocks itself alone: the command ends with a code, and the arm goes on being moved."""
    lab.set_up(0)
    states = StateTrack(lab.graph)
    lab.switches.on(GRIPPER)
    moment = time.monotonic()
    report = lab.command([*STEP[:6], 0.5])
    told = time.monotonic() - moment
    assert report.code.code == MotionCode.GRIPPER_TIMEOUT, report.message
    held = held_after(states, moment, time.monotonic())
    states.close()
    assert held < HAND.seconds + 0.25
    assert told < HAND.seconds + 2.0
    assert lab.command([-STEP[0], *STEP[1:]]).code.code == MotionCode.REACHED
    lab.switches.off(GRIPPER)
    moved = lab.graph.call(SetGripper, names.SET_GRIPPER, SetGripper.Request(closedness=0.0))
    assert moved.report.code.code == MotionCode.REACHED, moved.report.message
    lab.works()
    matrix.add(
        Row(
            "gripper call that hangs (at the hand's seam)",
            "makes the step that was asked for with it, holds; steps without the gripper go on",
            "GRIPPER_TIMEOUT",
            "none needed: the next command of the gripper, once the hand answers",
            HAND,
            told,
            held,
        )
    )


def test_lost_connection(lab: FaultLab, matrix: Matrix) -> None:
    """The connection to the simulated control box is shut down under libfranka's hands."""
    injected = lab.inject_unseen(lambda: lab.switches.on(CONNECTION), AT_ONCE)
    outcome = injected.result.outcome
    assert (outcome.outcome, outcome.detail) == (
        Outcome.MOTION_FAILED,
        MotionCode.CONNECTION_LOST,
    ), injected.result.message
    assert lab.command(STEP).code.code == MotionCode.CONNECTION_LOST
    answer = lab.recover()
    assert (answer.code.code, answer.mode) == (MotionCode.REACHED, RobotMode.IDLE), answer.message
    lab.works()
    matrix.add(
        Row(
            "bridge loses the robot's connection",
            "is stopped by its control box (here: the simulated one)",
            f"{injected.code}, CONNECTION_LOST",
            "`recover`, which connects again, then the next task",
            AT_ONCE,
            injected.told,
            injected.held,
        )
    )


def test_killed_bridge(lab: FaultLab, matrix: Matrix) -> None:
    """The control box is left alone; the task ends for want of an answer."""
    injected = lab.inject_unseen(lambda: lab.kill("franka_bridge"), AT_ONCE)
    assert injected.result.outcome.outcome == Outcome.ARM_SILENT, injected.result.message
    lab.revive("franka_bridge")
    lab.works()
    matrix.add(
        Row(
            "bridge killed",
            "is stopped by its control box (here: the simulated one)",
            injected.code,
            "start it anew, then the next task",
            AT_ONCE,
            injected.told,
            injected.held,
        )
    )
