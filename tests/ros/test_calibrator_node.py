"""The calibrator with an arm, a camera and a world model of the test, whose view is turned."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from action_msgs.msg import GoalStatus
from lifecycle_msgs.msg import Transition
from rcl_interfaces.srv import SetParameters
from rclpy.action import ActionServer, CancelResponse
from rclpy.parameter import Parameter as RosParameter
from sensor_msgs.msg import Image

from tests.ros.conftest import WAIT, Graph
from vjepa2_msgs.action import CalibrateCamera, ExecuteDelta, PursueGoal
from vjepa2_msgs.msg import (
    CalibrationCode,
    CalibrationReport,
    CameraStatus,
    EndEffectorState,
    LatentId,
    MotionCode,
)
from vjepa2_msgs.srv import (
    ClearCalibration,
    LoadCalibration,
    SaveCalibration,
    SolveCalibration,
)
from vjepa2_node import names
from vjepa2_node.images import to_message
from vjepa2_node.qos import IMAGES, LATCHED, STATES
from vjepa2_node.stamps import now_seconds, to_time
from vjepa2_planner import PursuitFailure
from vjepa2_planner.calibration import turn
from vjepa2_planning.calibrator_node import CalibratorNode
from vjepa2_planning.planner_node import PlannerNode
from vjepa2_world_model.access import EncodedView, WorldModelError
from vjepa2_world_model.latents import LatentId as Id

TURNED = 30.0
"""The arm has to turn what the world model plans by so many degrees."""
PARAMETERS = {
    "settle_time": 0.0,
    "image_timeout": 1.0,
    "state_timeout": 1.0,
    "min_pairs": 10,
    "motion_timeout": 10.0,
}
START = np.array([0.5, 0.0, 0.3, 3.14, 0.0, 0.0, 0.0])
SCENE = np.random.default_rng(0).integers(60, 180, (24, 32, 3), np.uint8)


class Lab:
    """An arm that moves at once, a camera, and a world model that knows both, but turned."""

    device = torch.device("cpu")

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.clock = graph.client.get_clock()
        self.pose = START.copy()
        self.commands: list[ExecuteDelta.Goal] = []
        self.code = MotionCode.REACHED
        self.gate = threading.Event()
        self.gate.set()
        self.moved = threading.Event()
        self.failure: Exception | None = None
        self._seen: list[np.ndarray] = []
        self._server = ActionServer(
            graph.client,
            ExecuteDelta,
            names.EXECUTE_DELTA,
            self._execute,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )
        client = graph.client
        self._states = client.create_publisher(EndEffectorState, names.END_EFFECTOR_STATE, STATES)
        self._images = client.create_publisher(Image, names.IMAGE, IMAGES)
        self._statuses = client.create_publisher(CameraStatus, names.CAMERA_STATUS, LATCHED)
        self._timer = client.create_timer(0.01, self._publish)
        self.plug("1234")

    def plug(self, serial: str) -> None:
        """Connect a camera."""
        status = CameraStatus(source="v4l2", serial=serial, width=32, height=24)
        status.header.frame_id = "external"
        self._statuses.publish(status)

    def view(self, goal: Any, after: float, timeout: float, /) -> EncodedView:
        if self.failure is not None:
            raise self.failure
        assert self.gate.wait(WAIT)
        self._seen.append(self.pose.copy())
        return EncodedView(Id(1, len(self._seen)), now_seconds(self.clock), math.nan, 0.0, 0.0)

    def energies(self, context: Id, states: Any, goal: Id, actions: Any, /) -> torch.Tensor:
        """Distance from what was seen; the model takes the executed moves for turned back."""
        before, after = (self._seen[x.number - 1][:2] for x in (context, goal))
        seen = torch.as_tensor((after - before) @ turn(-TURNED), dtype=torch.float32)
        return torch.linalg.vector_norm(actions[:, 0, :2] - seen, dim=1)

    def _publish(self) -> None:
        message = EndEffectorState(state=self.pose)
        message.header.stamp = self.clock.now().to_msg()
        self._states.publish(message)
        self._images.publish(to_message(SCENE, now_seconds(self.clock), "external"))

    def _execute(self, handle: Any) -> ExecuteDelta.Result:
        self.commands.append(handle.request)
        result = ExecuteDelta.Result()
        result.report.code.code = self.code
        result.report.message = "the floor is lava"
        if self.code == MotionCode.REACHED:
            self.pose = self.pose + np.array(handle.request.delta)
            # A state of the old place must not be taken for one of the new.
            self._publish()
        result.report.motion_end_stamp = to_time(now_seconds(self.clock))
        handle.succeed()
        self.moved.set()
        return result


class Desk:
    """A calibrator in the lab, and what is asked of it."""

    def __init__(self, graph: Graph, **parameters: Any) -> None:
        self.graph, self.lab = graph, Lab(graph)
        self.rotations = graph.collect(CalibrationReport, names.CALIBRATION, LATCHED)
        self.node = graph.add(
            lambda **options: CalibratorNode(world_model=self.lab, **options),
            **PARAMETERS | parameters,
        )
        assert self.node._bridge.wait_for_server(WAIT)
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            with suppress(PursuitFailure):
                self.node._states.at(now_seconds(self.lab.clock), 0.3)
                return
        raise AssertionError("no state has reached the calibrator")

    def start(self, moves: int = 20, feedback: Any = None, **request: Any) -> Any:
        goal = CalibrateCamera.Goal(moves=moves, **request)
        return self.graph.send(CalibrateCamera, names.CALIBRATE_CAMERA, goal, feedback)

    def run(self, **request: Any) -> CalibrationReport:
        return self.graph.result(self.start(**request)).report

    def solve(self) -> CalibrationReport:
        request = SolveCalibration.Request()
        return self.graph.call(SolveCalibration, names.SOLVE_CALIBRATION, request).report

    def save(self, path: object) -> int:
        request = SaveCalibration.Request(path=str(path))
        return self.graph.call(SaveCalibration, names.SAVE_CALIBRATION, request).code.code

    def load(self, path: object) -> Any:
        request = LoadCalibration.Request(path=str(path))
        return self.graph.call(LoadCalibration, names.LOAD_CALIBRATION, request)

    def clear(self) -> int:
        request = ClearCalibration.Request()
        return self.graph.call(ClearCalibration, names.CLEAR_CALIBRATION, request).code.code


@pytest.fixture
def desk(graph: Graph) -> Iterator[Desk]:
    desk = Desk(graph)
    yield desk
    desk.lab.gate.set()


def turned_by(degrees: float) -> Any:
    """Whether a rotation in use is one by so many degrees."""
    return lambda report: abs(math.degrees(report.angle) - degrees) < 2.0 and report.message


def test_the_rotation_is_found_and_used(desk: Desk) -> None:
    """It passes, is told to the planner, and the progress of the moves is told before."""
    told: list[Any] = []
    report = desk.run(moves=30, seed=3, feedback=lambda message: told.append(message.feedback))
    assert report.code.code == CalibrationCode.OK, report.message
    assert math.degrees(report.angle) == pytest.approx(TURNED, abs=2.0)
    assert report.rotation == pytest.approx(turn(TURNED).ravel(), abs=0.04)
    assert (report.pairs, report.camera) == (30, "1234, external, 32 x 24 px")
    assert report.error_after < 0.005 < report.error_before
    assert len(desk.lab.commands) == 30
    for command in desk.lab.commands:
        assert np.linalg.norm(command.delta[:2]) == pytest.approx(0.05)
        assert not any(command.delta[2:])
    assert (told[0].done, told[0].moves) == (0, 30) and told[0].seconds_left > 0
    desk.rotations.until(turned_by(TURNED))


def test_a_preview_moves_nothing(desk: Desk) -> None:
    """It says what would be done, and how long it would take."""
    report = desk.run(moves=40, preview=True)
    assert report.code.code == CalibrationCode.OK
    assert "40 moves" in report.message and "60 s" in report.message
    assert desk.lab.commands == []


def test_a_file_holds_what_was_found(desk: Desk, tmp_path: Path) -> None:
    """Saved, cleared and loaded again; another camera is refused, an old file is flagged."""
    path = tmp_path / "camera.json"
    assert desk.save(path) == CalibrationCode.NOTHING_TO_SAVE
    found = desk.run()
    assert desk.save(path) == CalibrationCode.OK
    assert path.with_suffix(".png").exists()
    assert desk.clear() == CalibrationCode.OK
    desk.rotations.until(lambda report: "as they are" in report.message)
    answer = desk.load(path)
    assert (answer.code.code, answer.report.angle) == (CalibrationCode.OK, found.angle)
    assert (tmp_path / "camera_overlay.png").exists()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"date": "2020-01-01T00:00+00:00"}))
    assert "days old" in desk.load(path).message
    desk.lab.plug("5678")
    deadline = time.monotonic() + WAIT
    while (code := desk.load(path).code.code) == CalibrationCode.OK:
        assert time.monotonic() < deadline
    assert code == CalibrationCode.WRONG_CAMERA


def test_requests_that_cannot_be_fulfilled_say_why(desk: Desk, tmp_path: Path) -> None:
    """Each with its own code, and nothing moves."""
    assert desk.solve().code.code == CalibrationCode.TOO_FEW_PAIRS
    assert desk.load(tmp_path / "none.json").code.code == CalibrationCode.CANNOT_READ
    assert desk.load("").code.code == CalibrationCode.BAD_REQUEST
    desk.lab.pose[0] = 0.9
    desk.lab._publish()
    deadline = time.monotonic() + WAIT
    while (report := desk.run(preview=True)).code.code == CalibrationCode.OK:
        assert time.monotonic() < deadline
    assert report.code.code == CalibrationCode.BAD_REQUEST and "outside" in report.message
    assert desk.lab.commands == []


def test_a_refused_motion_ends_it(desk: Desk) -> None:
    """With the bridge's sentence; a dry run is found out, too."""
    desk.lab.code = MotionCode.REFUSED_WORKSPACE
    report = desk.run()
    assert report.code.code == CalibrationCode.MOTION_FAILED and "lava" in report.message
    desk.lab.code = MotionCode.DRY_RUN
    report = desk.run()
    assert report.code.code == CalibrationCode.MOTION_FAILED and "dry run" in report.message


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (WorldModelError(2, "no image"), CalibrationCode.CAMERA_SILENT),
        (WorldModelError(None, "gone"), CalibrationCode.WORLD_MODEL_LOST),
        (ZeroDivisionError("a bug"), CalibrationCode.FAILED),
    ],
)
def test_a_lost_peer_has_a_code(desk: Desk, failure: Exception, code: int) -> None:
    """And nothing moves."""
    desk.lab.failure = failure
    assert desk.run().code.code == code
    assert desk.lab.commands == []


def test_cancelled_it_moves_no_more(desk: Desk) -> None:
    """Other requests are BUSY meanwhile; what was recorded can still be solved."""
    handle = desk.start(moves=100)
    assert desk.lab.moved.wait(WAIT)
    desk.lab.gate.clear()
    assert desk.solve().code.code == CalibrationCode.BUSY
    handle.cancel_goal_async()
    threading.Timer(0.2, desk.lab.gate.set).start()
    response = desk.graph.result_status(handle)
    assert response.status == GoalStatus.STATUS_CANCELED
    assert response.result.report.code.code == CalibrationCode.CANCELLED
    moved = len(desk.lab.commands)
    assert moved < 100
    assert desk.solve().code.code in (CalibrationCode.TOO_FEW_PAIRS, CalibrationCode.OK)
    assert len(desk.lab.commands) == moved


def test_a_calibration_that_fails_is_not_used(graph: Graph) -> None:
    """The report has its figures and the threshold; the planner is told nothing."""
    desk = Desk(graph, **{"min_pairs": 100})
    response = graph.result_status(desk.start(moves=12))
    report = response.result.report
    assert response.status == GoalStatus.STATUS_SUCCEEDED
    assert report.code.code == CalibrationCode.FAILED_THRESHOLD and "under 100" in report.message
    assert desk.save("/nowhere/camera.json") == CalibrationCode.NOTHING_TO_SAVE
    assert all(message.angle == 0 for message in desk.rotations.messages)


def test_an_inactive_calibrator_says_so(desk: Desk) -> None:
    """From the action and from each service."""
    desk.graph.change("calibrator", Transition.TRANSITION_DEACTIVATE)
    codes = {
        desk.run().code.code,
        desk.solve().code.code,
        desk.save("x.json"),
        desk.load("x.json").code.code,
        desk.clear(),
    }
    assert codes == {CalibrationCode.INACTIVE}
    for transition in ("CLEANUP", "CONFIGURE", "ACTIVATE"):
        desk.graph.change("calibrator", getattr(Transition, f"TRANSITION_{transition}"))
    assert desk.run(preview=True).code.code == CalibrationCode.OK


def test_a_file_is_loaded_at_the_start(desk: Desk, tmp_path: Path) -> None:
    """By the parameter `calibration_file`, on activation."""
    path = tmp_path / "camera.json"
    report = desk.run()
    assert report.code.code == CalibrationCode.OK, report.message
    assert desk.save(path) == CalibrationCode.OK
    assert desk.clear() == CalibrationCode.OK
    desk.graph.change("calibrator", Transition.TRANSITION_DEACTIVATE)
    parameter = RosParameter("calibration_file", value=str(path)).to_parameter_msg()
    request = SetParameters.Request(parameters=[parameter])
    desk.graph.call(SetParameters, "calibrator/set_parameters", request)
    cleared = len(desk.rotations.messages)
    desk.graph.change("calibrator", Transition.TRANSITION_ACTIVATE)
    desk.rotations.until(
        lambda report: report in desk.rotations.messages[cleared:] and turned_by(TURNED)(report)
    )


def test_the_planner_turns_its_plans(desk: Desk) -> None:
    """By the rotation in use, also when it comes up later; unturned after a clear."""
    assert desk.run().code.code == CalibrationCode.OK
    planner = desk.graph.add(
        lambda **options: PlannerNode(world_model=_AlongX(desk.lab), **options),
        samples=8,
        refinements=2,
        elites=3,
        settle_time=0.0,
    )

    assert planner._bridge.wait_for_server(WAIT)

    def await_turn(degrees: float) -> None:
        deadline = time.monotonic() + WAIT
        while abs(planner._rotation.degrees - degrees) > 2.0:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def direction() -> float:
        goal = PursueGoal.Goal(goal=LatentId(session=1, number=1), budget=1, seed=1)
        desk.graph.run(PursueGoal, names.PURSUE_GOAL, goal)
        x, y = desk.lab.commands[-1].delta[:2]
        return math.degrees(math.atan2(y, x))

    await_turn(TURNED)
    turned = direction()
    desk.clear()
    await_turn(0.0)
    assert turned - direction() == pytest.approx(TURNED, abs=2.0)


class _AlongX:
    """A world model whose energies lead along +x, seen by the lab's camera."""

    device = torch.device("cpu")

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def view(self, goal: Any, after: float, timeout: float, /) -> EncodedView:
        view = self._lab.view(goal, after, timeout)
        return EncodedView(view.latent, view.stamp, 1.0, 0.0, 0.0)

    def energies(self, context: Any, states: Any, goal: Any, actions: Any, /) -> torch.Tensor:
        return 1.0 - actions[:, 0, 0] + actions[:, 0, 1].abs() + actions[:, 0, 2:].abs().sum(-1)

    def distance(self, latent: Any, goal: Any, /) -> float:
        return 1.0
