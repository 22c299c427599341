"""The calibrator: finds the camera's rotation, keeps it in a file, and tells the planner."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle

from vjepa2_msgs.action import CalibrateCamera, ExecuteDelta
from vjepa2_msgs.msg import CalibrationReport, EndEffectorState
from vjepa2_msgs.srv import (
    ClearCalibration,
    LoadCalibration,
    SaveCalibration,
    SolveCalibration,
)
from vjepa2_node import names
from vjepa2_node.commander_alive import CommanderAlive
from vjepa2_node.diagnostics import Health
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.qos import LATCHED, STATES
from vjepa2_node.run_nodes import run_nodes
from vjepa2_node.stamps import now_seconds
from vjepa2_node.threaded_action_client import ThreadedActionClient
from vjepa2_planner import PursuitFailure
from vjepa2_planner.calibration import (
    Calibration,
    CalibrationCode,
    CalibrationError,
    MovePlan,
    ReferenceView,
    calibration_of,
    judge,
    moved_warning,
    overlay,
    plan_moves,
    read_calibration,
    read_reference,
    reference_path,
    reference_view,
    solve,
    write_calibration,
    write_picture,
)
from vjepa2_planning.bridge_arm import BridgeArm
from vjepa2_planning.calibration_messages import calibration_report, empty_report, error_report
from vjepa2_planning.calibrator_parameters import (
    PARAMETERS,
    area_from,
    check,
    grid_from,
    thresholds_from,
)
from vjepa2_planning.camera_watch import CameraWatch
from vjepa2_planning.live_calibration import CODES, LiveCalibration, Recording
from vjepa2_planning.live_observer import ArmStates, LiveObserver
from vjepa2_planning.pursuit_model import PursuitModel
from vjepa2_world_model.access import WorldModelAccess
from vjepa2_world_model.remote_world_model import RemoteWorldModel

NO_CALIBRATION = "no calibration: plans are used as they are"


@dataclass(frozen=True, eq=False)
class InUse:
    """A calibration that plans are turned by, with its reference view where there is one."""

    calibration: Calibration
    reference: ReferenceView | None


class CalibratorNode(ManagedNode):
    """Serves `calibrate_camera` and the services around it; publishes the rotation in use.

    world_model: the one in this process; None: that of the world model node, by its services.
    """

    def __init__(self, world_model: WorldModelAccess | None = None, **options: Any) -> None:
        super().__init__("calibrator", PARAMETERS, check, workers=2, **options)
        self._world_model = world_model
        self._remote: RemoteWorldModel | None = None
        self._working = threading.Lock()
        self._ending = threading.Event()
        self._cancelled: Callable[[], bool] = lambda: True
        self._recording: Recording | None = None
        self._in_use: InUse | None = None
        self._states = ArmStates()
        self._watch = CameraWatch(self)
        self._bridge = ThreadedActionClient(
            self, ExecuteDelta, names.EXECUTE_DELTA, callback_group=self.waiting
        )
        CommanderAlive(self, self.quick)
        self._rotations = self.create_publisher(CalibrationReport, names.CALIBRATION, LATCHED)
        self.create_subscription(
            EndEffectorState,
            names.END_EFFECTOR_STATE,
            self._states.keep,
            STATES,
            callback_group=self.quick,
        )
        self._server = ActionServer(
            self,
            CalibrateCamera,
            names.CALIBRATE_CAMERA,
            self._on_calibrate,
            callback_group=self.waiting,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )
        self._serve(SolveCalibration, names.SOLVE_CALIBRATION, lambda _: self._solved())
        self._serve(LoadCalibration, names.LOAD_CALIBRATION, lambda r: self._loaded(r.path))
        self._serve(SaveCalibration, names.SAVE_CALIBRATION, lambda r: self._saved(r.path))
        self._serve(ClearCalibration, names.CLEAR_CALIBRATION, lambda _: self._cleared())

    def configure(self) -> None:
        if self._working.locked():
            raise RuntimeError("the last request is still ending; configure again in a moment")
        if self._world_model is None:
            self._remote = RemoteWorldModel(
                self, self.parameters["world_model_timeout"], lambda: self._cancelled()
            )

    def activate(self) -> None:
        self._ending = threading.Event()
        self._publish()
        if path := self.parameters["calibration_file"]:
            self.submit(lambda: self._load_at_start(path))

    def deactivate(self) -> None:
        self._ending.set()

    def cleanup(self) -> None:
        if self._remote is not None and not self._working.locked():
            self._remote.close()
            self._remote = None

    def health(self) -> Health:
        used = self._in_use
        values: dict[str, object] = {"working": self._working.locked(), "in_use": used is not None}
        if used is not None:
            values["angle_deg"] = used.calibration.angle_deg
        return Health(values=values)

    async def _on_calibrate(self, handle: ServerGoalHandle) -> CalibrateCamera.Result:
        ending = self._ending

        def cancelled() -> bool:
            return ending.is_set() or bool(handle.is_cancel_requested)

        report = await self._answered(lambda: self._calibrated(handle, cancelled))
        code = report.code.code
        if code == CalibrationCode.CANCELLED and handle.is_cancel_requested:
            handle.canceled()
        elif code in (CalibrationCode.OK, CalibrationCode.FAILED_THRESHOLD):
            handle.succeed()
        else:
            handle.abort()
        return CalibrateCamera.Result(report=report)

    def _serve(self, kind: Any, name: str, work: Callable[[Any], CalibrationReport]) -> None:
        """A service whose work is done on a worker thread and whose answer is a report."""

        async def answer(request: Any, response: Any) -> Any:
            report = await self._answered(lambda: work(request))
            if hasattr(response, "report"):
                response.report = report
            if hasattr(response, "code"):
                response.code, response.message = report.code, report.message
            return response

        self.create_service(kind, name, answer, callback_group=self.waiting)

    async def _answered(self, work: Callable[[], CalibrationReport]) -> CalibrationReport:
        """The report of `work`, done alone on a worker thread; or why it is not done."""
        if not self.is_active:
            return empty_report(CalibrationCode.INACTIVE, "the calibrator is not active")
        if not self._working.acquire(blocking=False):
            return empty_report(
                CalibrationCode.BUSY, "another request is being carried out; await its end"
            )
        report: CalibrationReport = await self.submit(lambda: self._reported(work))
        return report

    def _reported(self, work: Callable[[], CalibrationReport]) -> CalibrationReport:
        try:
            report = work()
        except CalibrationError as error:
            report = error_report(error)
        except PursuitFailure as failure:
            code = CODES.get(failure.outcome, CalibrationCode.FAILED)
            report = empty_report(code, str(failure))
        except Exception as error:
            self.get_logger().error(traceback.format_exc())
            report = empty_report(CalibrationCode.FAILED, f"{type(error).__name__}: {error}")
        finally:
            self._working.release()
        self.log_end(report.message, report.code.code != CalibrationCode.OK)
        return report

    def _calibrated(
        self, handle: ServerGoalHandle, cancelled: Callable[[], bool]
    ) -> CalibrationReport:
        values = self.parameters.values()
        now = now_seconds(self.get_clock())
        plan = self._plan(handle.request, self._states.at(now, values["state_timeout"])[:2])
        seconds = plan.seconds(values["seconds_per_move"])
        self._tell(handle, plan, 0, seconds)
        if handle.request.preview:
            return empty_report(
                CalibrationCode.OK,
                f"preview: {len(plan.deltas)} moves of {100 * values['move_length']:g} cm from "
                f"{plan.path.min(axis=0).round(3).tolist()} to "
                f"{plan.path.max(axis=0).round(3).tolist()} m in x y, about {seconds:.0f} s; "
                "nothing moved",
            )
        self._cancelled = cancelled
        recording = Recording(self._watch.camera(values["image_timeout"]))
        self._recording = recording
        self._live(cancelled).carry_out(
            plan, recording, now, lambda done, left: self._tell(handle, plan, done, left)
        )
        return self._solved()

    def _plan(self, request: CalibrateCamera.Goal, start: Any) -> MovePlan:
        values = self.parameters.values()
        try:
            return plan_moves(
                start,
                area_from(values),
                count=request.moves or values["moves"],
                seed=request.seed,
                length=values["move_length"],
            )
        except ValueError as error:
            raise CalibrationError(CalibrationCode.BAD_REQUEST, str(error)) from error

    def _live(self, cancelled: Callable[[], bool]) -> LiveCalibration:
        """The parts of a calibration from this graph."""
        values, clock = self.parameters.values(), self.get_clock()
        world_model = self._world_model or self._remote
        assert world_model is not None  # as the node is configured
        return LiveCalibration(
            observer=LiveObserver(
                world_model,
                self._states,
                lambda: now_seconds(clock),
                values["image_timeout"],
                values["state_timeout"],
            ),
            arm=BridgeArm(
                self._bridge, clock, values["base_frame"], values["motion_timeout"], cancelled
            ),
            world_model=PursuitModel(world_model, cancelled),
            watch=self._watch,
            grid=grid_from(values),
            settle_seconds=values["settle_time"],
            image_timeout=values["image_timeout"],
            cancelled=cancelled,
        )

    def _tell(self, handle: ServerGoalHandle, plan: MovePlan, done: int, left: float) -> None:
        handle.publish_feedback(
            CalibrateCamera.Feedback(done=done, moves=len(plan.deltas), seconds_left=left)
        )

    def _solved(self) -> CalibrationReport:
        """Solve what is recorded; a rotation that passes is used from now on."""
        recording = self._recording
        if recording is None:
            raise CalibrationError(
                CalibrationCode.TOO_FEW_PAIRS, "no moves are recorded: calibrate_camera first"
            )
        moves = recording.moves
        solution = solve(*moves.arrays(), left_out=moves.left_out)
        verdict = judge(solution, thresholds_from(self.parameters.values()))
        calibration = calibration_of(solution, recording.camera, datetime.now(UTC))
        figures = f"{verdict}: {solution.angle_deg:+.2f} degrees from {solution.pairs} moves"
        if not verdict.passed:
            reasons = "; ".join(verdict.reasons)
            report = calibration_report(calibration, f"{figures}, not used: {reasons}")
            report.code.code = int(CalibrationCode.FAILED_THRESHOLD)
            return report
        reference = reference_view(recording.frames) if recording.frames else None
        return self._use(InUse(calibration, reference), f"{figures}; plans are turned by it")

    def _loaded(self, name: str) -> CalibrationReport:
        path, values = _path(name), self.parameters.values()
        calibration = read_calibration(path, self._watch.camera(values["image_timeout"]))
        remarks = [calibration.age_warning(max_days=values["max_age"])]
        reference = None
        try:
            reference = read_reference(reference_path(path))
        except (OSError, ValueError) as error:
            remarks.append(f"its reference view cannot be read: {error}")
        else:
            remarks.append(self._compared(reference, path, values["image_timeout"]))
        text = f"{path}: plans are turned by {calibration.angle_deg:+.2f} degrees"
        warnings = [remark for remark in remarks if remark]
        for warning in warnings:
            self.get_logger().warning(warning)
        return self._use(InUse(calibration, reference), "; ".join([text, *warnings]))

    def _compared(self, reference: ReferenceView, path: Path, timeout: float) -> str:
        """A warning where the camera was moved; the overlay is written beside the file."""
        live = self._watch.picture(timeout)
        try:
            write_picture(path.with_name(f"{path.stem}_overlay.png"), overlay(reference, live))
        except OSError as error:
            self.get_logger().warning(f"no overlay was written: {error}")
        return moved_warning(reference, live)

    def _load_at_start(self, name: str) -> None:
        with self._working:
            try:
                self.get_logger().info(self._loaded(name).message)
            except Exception as error:
                self.get_logger().error(f"calibration_file: {error}; plans are used as they are")

    def _saved(self, name: str) -> CalibrationReport:
        path, used = _path(name), self._in_use
        if used is None:
            raise CalibrationError(
                CalibrationCode.NOTHING_TO_SAVE, "no calibration that passed is in use"
            )
        write_calibration(path, used.calibration, used.reference)
        return calibration_report(used.calibration, f"written to {path}")

    def _cleared(self) -> CalibrationReport:
        self._recording = self._in_use = None
        self._publish()
        return empty_report(CalibrationCode.OK, NO_CALIBRATION)

    def _use(self, used: InUse, message: str) -> CalibrationReport:
        self._in_use = used
        self._publish()
        return calibration_report(used.calibration, message)

    def _publish(self) -> None:
        """The rotation in use, kept for those who subscribe later."""
        used = self._in_use
        self._rotations.publish(
            empty_report(CalibrationCode.OK, NO_CALIBRATION)
            if used is None
            else calibration_report(used.calibration, "in use")
        )


def _path(name: str) -> Path:
    if not name:
        raise CalibrationError(CalibrationCode.BAD_REQUEST, "no path was given")
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise CalibrationError(CalibrationCode.BAD_REQUEST, f"{name}: {error}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the calibrator alone; the world model node runs elsewhere."""
    return run_nodes(lambda: [CalibratorNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())
