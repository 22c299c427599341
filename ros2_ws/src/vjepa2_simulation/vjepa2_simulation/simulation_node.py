"""The simulation: a table with a Franka arm that franky connects to, and a camera on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from rclpy.clock import Clock, ClockType

from vjepa2_msgs.msg import Goal
from vjepa2_msgs.srv import RenderView, ScoreTrial, SetUpTrial
from vjepa2_node import names
from vjepa2_node.calls import result_of
from vjepa2_node.camera_topics import CameraTopics, Picture
from vjepa2_node.diagnostics import Health
from vjepa2_node.images import to_message
from vjepa2_node.intrinsics import Intrinsics
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.run_nodes import run_nodes
from vjepa2_node.stamps import from_monotonic, now_seconds
from vjepa2_sim.client import SimulatedTable, SimulationLostError
from vjepa2_sim.scene import HOME_JOINTS, TableScene
from vjepa2_sim.table_objects import SLOTS
from vjepa2_simulation.delay_line import DelayLine
from vjepa2_simulation.simulation_parameters import PARAMETERS
from vjepa2_simulation.trials import SubGoalStart, Trials

START_TIMEOUT = 90.0
Answer = Callable[[Trials, Any, Any], None]


class SimulationNode(ManagedNode):
    """Runs a `SimulatedTable` from configure to cleanup; its camera is live while active.

    Everything that touches the table runs on the node's one worker thread.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__("simulation", PARAMETERS, **options)
        self._topics = CameraTopics(self)
        self._running = ExitStack()
        self._trials: Trials | None = None
        self._serve(SetUpTrial, names.SET_UP_TRIAL, self._set_up_trial)
        self._serve(ScoreTrial, names.SCORE_TRIAL, self._score_trial)
        self._serve(RenderView, names.RENDER_VIEW, self._render_view)

    def configure(self) -> None:
        self._fault = self._lost = ""
        self._on_worker(self._start)

    def activate(self) -> None:
        self._topics.start("simulation", self.parameters["camera_frame"])
        self._capturing = False
        self._line = DelayLine(self._topics.publish)
        # Pictures are taken in real time, whatever clock the graph runs on.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        period = 1.0 / self.parameters["frame_rate"]
        self._timers_of_camera = [
            self.create_timer(period, self._take_picture, self.quick, clock=steady),
            self.create_timer(1.0, self._report, self.quick, clock=steady),
        ]

    def deactivate(self) -> None:
        for timer in self._timers_of_camera:
            self.destroy_timer(timer)
        self._line.close()
        self._topics.report("the simulation is not active")

    def cleanup(self) -> None:
        if self._trials is not None:
            self._on_worker(self._stop)

    def health(self) -> Health:
        return self._topics.health(self._lost or self._fault)

    def _start(self) -> None:
        scene = TableScene(objects=SLOTS)
        table = SimulatedTable(scene, hostname=self.parameters["robot_address"])
        self._trials = Trials(table)
        self._running.enter_context(table)
        task, thing = self.parameters["task"], self.parameters["object"]
        if self.parameters["seed"] >= 0:
            size = self.parameters["image_size"]
            self._trials.set_up(task, thing, self.parameters["seed"], size)
        else:
            table.reset(HOME_JOINTS, objects=())
        self.get_logger().info(f"franky finds the simulated robot at {table.hostname}")

    def _stop(self) -> None:
        self._trials = None
        self._running.close()

    def _on_worker(self, work: Callable[[], None]) -> None:
        result_of(self.submit(work), START_TIMEOUT, "the simulation")

    def _report(self) -> None:
        self._topics.report(self._lost or self._fault)

    def _take_picture(self) -> None:
        if self._lost:
            return
        if self._capturing:
            self._topics.drop("busy")
            return
        self._capturing = True
        self.submit(self._capture)

    def _capture(self) -> None:
        try:
            trials = self._started()
            frame = trials.table.capture(self.parameters["image_size"])
            height, width = frame.image.shape[:2]
            lens = Intrinsics.from_field_of_view(trials.camera.fovy_deg, width, height)
            picture = Picture(frame.image, self._to_ros(frame.stamp), lens)
            self._line.put(picture, frame.stamp + self.parameters["image_delay"])
            self._fault = ""
        except Exception as error:
            self._fault = self._sentence(error)
            self.get_logger().error(self._fault, throttle_duration_sec=5.0)
        finally:
            self._capturing = False

    def _serve(self, kind: Any, name: str, answer: Answer) -> None:
        async def serve(request: Any, response: Any) -> Any:
            return await self.submit(lambda: self._answered(answer, request, response))

        self.create_service(kind, name, serve, callback_group=self.waiting)

    def _answered(self, answer: Answer, request: Any, response: Any) -> Any:
        try:
            answer(self._started(), request, response)
            response.success = True
        except Exception as error:
            response.message = self._sentence(error)
        return response

    def _set_up_trial(self, trials: Trials, request: Any, response: Any) -> None:
        size = request.goal_size or self.parameters["image_size"]
        start = trials.set_up(request.task, request.object, request.seed, size)
        response.goals = [self._goal(sub_goal) for sub_goal in start.sub_goals]
        response.budgets = [sub_goal.steps for sub_goal in start.sub_goals]
        response.distance = start.distance_m

    def _goal(self, start: SubGoalStart) -> Goal:
        now = now_seconds(self.get_clock())
        image = to_message(start.image, now, self.parameters["camera_frame"])
        return Goal(name=start.name, image=image, has_state=True, state=start.state)

    def _score_trial(self, trials: Trials, request: Any, response: Any) -> None:
        score = trials.score()
        response.reached, response.distance = score.reached, score.distance_m
        response.position, response.object_distance = score.position, score.object_distance_m
        response.object_position = score.object_position
        response.held, response.touched = score.held, score.touched

    def _render_view(self, trials: Trials, request: Any, response: Any) -> None:
        frame = trials.table.capture(request.size)
        stamp = self._to_ros(frame.stamp)
        response.image = to_message(frame.image, stamp, self.parameters["camera_frame"])

    def _started(self) -> Trials:
        if self._trials is None:
            raise RuntimeError("the simulation is not running; configure the node first")
        if self._lost:
            raise RuntimeError(self._lost)
        return self._trials

    def _to_ros(self, stamp: float) -> float:
        return from_monotonic(self.get_clock(), stamp)

    def _sentence(self, error: Exception) -> str:
        sentence = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, SimulationLostError):
            sentence += "; to start it anew, clean the node up and configure it"
            self._lost = sentence
        return sentence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulation node."""
    return run_nodes(lambda: [SimulationNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())
