"""Every fault: the arm holds in time, a code says why, and the stack recovers in place."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from tests.faults.camera import JUMP, FaultyCamera
from tests.faults.conftest import FaultLab
from tests.faults.matrix import Matrix, Row
from vjepa2_msgs.action import ExecuteDelta
from vjepa2_msgs.msg import MotionCode, Outcome, TaskCode
from vjepa2_msgs.srv import Recover, StopMotion
from vjepa2_node import names
from vjepa2_node.commander_alive import SILENCE

pytestmark = pytest.mark.long

STEP = 2.0
"""The longest that a step which is under way takes to its end, on a busy machine [s]."""
SLACK = 0.25
IMAGE_TIMEOUT, STATE_TIMEOUT = 3.0, 1.0


def _name(kind: Any, value: int) -> str:
    """The constant of a message that has a value."""
    return next(n for n in dir(kind) if n.isupper() and getattr(kind, n) == value)


def _outcome(result: Any) -> str:
    return f"{_name(TaskCode, result.code.code)}, {_name(Outcome, result.outcome.outcome)}"


@pytest.mark.parametrize(
    ("fault", "shown", "timeout", "outcome"),
    [
        ("silent", "camera frames stop", IMAGE_TIMEOUT, Outcome.CAMERA_SILENT),
        ("frozen", "camera freezes: the same picture with new stamps", 0, Outcome.CAMERA_SILENT),
        ("past", f"stamps jump {JUMP:g} s back", IMAGE_TIMEOUT, Outcome.CAMERA_SILENT),
        ("future", f"stamps jump {JUMP:g} s ahead", STATE_TIMEOUT, Outcome.ARM_SILENT),
        ("black", "black pictures", 0, Outcome.WORLD_MODEL_LOST),
        ("encoding", "pictures of an unknown encoding", 0, Outcome.WORLD_MODEL_LOST),
    ],
)
def test_camera(
    lab: FaultLab,
    camera: FaultyCamera,
    matrix: Matrix,
    fault: str,
    shown: str,
    timeout: float,
    outcome: int,
) -> None:
    """The step under way ends, and no other follows."""
    injected = lab.inject(lambda: setattr(camera, "fault", fault))
    result = injected.result
    assert result.code.code != TaskCode.OK
    assert result.outcome.outcome == outcome, result.message
    # A frozen picture is known for one by the next look, after one more step at most.
    steps = 2 if fault == "frozen" else 1
    assert injected.held < steps * STEP + timeout + SLACK
    camera.fault = ""
    lab.works()
    arm = "ends the step, plans no other" if fault != "frozen" else "one more step at most"
    matrix.rows.append(
        Row(shown, arm, _outcome(result), timeout, injected.held, "the next task, once it is well")
    )


def test_user_stop(lab: FaultLab, matrix: Matrix) -> None:
    """At once; nothing follows until `recover`."""

    def stop() -> None:
        lab.graph.call(StopMotion, names.STOP, StopMotion.Request())

    injected = lab.inject(stop)
    assert injected.result.outcome.outcome == Outcome.MOTION_FAILED
    assert injected.result.outcome.detail == MotionCode.STOPPED
    assert injected.held < SLACK + 0.25
    lab.graph.call(Recover, names.RECOVER, Recover.Request())
    lab.works()
    code = f"{_outcome(injected.result)}, STOPPED"
    matrix.rows.append(Row("a person calls `stop`", "brakes", code, 0, injected.held, "`recover`"))


def test_abort(lab: FaultLab, matrix: Matrix) -> None:
    """The sequencer's: the motion is cancelled."""
    injected = lab.inject(lambda: lab.ask(names.ABORT))
    assert injected.result.code.code == TaskCode.ABORTED
    assert injected.held < SLACK + 0.25
    lab.works()
    matrix.rows.append(
        Row("a person aborts the task", "brakes", "ABORTED", 0, injected.held, "the next task")
    )


@pytest.mark.parametrize(
    ("shown", "code", "change"),
    [
        (
            "a command that is no number",
            MotionCode.REFUSED_NOT_FINITE,
            {"delta": [float("nan")] * 7},
        ),
        (
            "a command that is too large",
            MotionCode.REFUSED_TRANSLATION,
            {"delta": [0.5] + [0.0] * 6},
        ),
        ("a command that is too old", MotionCode.REFUSED_STALE, {"age": 20.0}),
        ("a command of the future", MotionCode.REFUSED_STALE, {"age": -20.0}),
        ("a command of an old sequence", MotionCode.REFUSED_SEQUENCE, {"sequence": 1}),
        ("a command in another frame", MotionCode.REFUSED_FRAME, {"frame": "camera"}),
    ],
)
def test_command(
    lab: FaultLab, matrix: Matrix, shown: str, code: int, change: dict[str, Any]
) -> None:
    """Straight to the bridge: refused by its own limits, whoever has planned it."""
    lab.works()
    now = lab.clock.now().nanoseconds
    goal = ExecuteDelta.Goal(
        delta=change.get("delta", [0.01] + [0.0] * 6), sequence=change.get("sequence", now)
    )
    goal.header.frame_id = change.get("frame", "")
    issued = now - int(change.get("age", 0.0) * 1e9)
    goal.header.stamp.sec, goal.header.stamp.nanosec = divmod(issued, 10**9)
    report = lab.graph.run(ExecuteDelta, names.EXECUTE_DELTA, goal).report
    assert report.code.code == code, report.message
    assert list(report.achieved) == [0.0] * 7
    matrix.rows.append(
        Row(shown, "nothing", _name(MotionCode, code), 0, None, "the next good command")
    )


def test_killed_planner(lab: FaultLab, matrix: Matrix) -> None:
    """The robot's side notices the silence by itself, and stops the motion that is under way."""
    injected = lab.inject(lambda: os.kill(lab.pid("planner"), signal.SIGKILL))
    assert injected.result.code.code == TaskCode.PLANNER_LOST, injected.result.message
    assert injected.held < SILENCE + SLACK
    lab.revive("planner")
    lab.works()
    matrix.rows.append(
        Row(
            "planner killed",
            "stops in mid-step",
            _name(TaskCode, injected.result.code.code),
            SILENCE,
            injected.held,
            "start it anew (a supervisor), then the next task",
        )
    )


def test_killed_world_model(lab: FaultLab, matrix: Matrix) -> None:
    """In the middle of a step; started anew, it knows no latent of before."""
    injected = lab.inject(lambda: os.kill(lab.pid("world_model"), signal.SIGKILL))
    assert injected.result.outcome.outcome == Outcome.WORLD_MODEL_LOST, injected.result.message
    assert injected.held < STEP + SLACK
    lab.revive("world_model")
    lab.works()
    matrix.rows.append(
        Row(
            "world model killed",
            "ends the step, plans no other",
            _outcome(injected.result),
            5.0,
            injected.held,
            "start it anew, then the next task",
        )
    )
