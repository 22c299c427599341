"""A web page on this host, and for this host alone, that shows what goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.client import Client
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image

from vjepa2_monitor.compression import encoded
from vjepa2_monitor.dashboard_parameters import PARAMETERS
from vjepa2_monitor.goal_events import GoalEvents
from vjepa2_monitor.imagination import Asked, Imagination, Imagined
from vjepa2_monitor.page_content import PageContent
from vjepa2_monitor.recent_frames import RecentFrames, stamp_of
from vjepa2_monitor.recorded_topics import FRAMES
from vjepa2_monitor.web_server import Command, Picture, WebServer
from vjepa2_msgs.msg import (
    CameraStatus,
    Goal,
    PursuitStep,
    RobotMode,
    TaskStatus,
    WorldModelStatus,
)
from vjepa2_msgs.srv import EncodeGoal, StopMotion, TaskRequest
from vjepa2_node import diagnostics, names, qos
from vjepa2_node.calls import NoAnswerError, call
from vjepa2_node.diagnostics import Health
from vjepa2_node.images import ImageError, to_array
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.run_nodes import run_nodes
from vjepa2_node.stamps import to_seconds
from vjepa2_planner.task_code import TaskCode
from vjepa2_robot.arm_driver import MotionCode

PATIENCE = 5.0
"""Seconds that a command may take to be answered; resuming looks at camera and arm first."""


class DashboardNode(ManagedNode):
    """Shows the graph's topics; its three commands are services of sequencer and bridge."""

    def __init__(self, **options: Any) -> None:
        super().__init__("dashboard", PARAMETERS, **options)
        self._server: WebServer | None = None
        self._imagination: Imagination | None = None
        self._fault = ""
        self._subscriptions_made: list[Any] = []
        self._asking: list[Client] = []

    def configure(self) -> None:
        self._content = PageContent()
        self._frames, self._goal_events = RecentFrames(), GoalEvents()
        self._live: bytes | None = None
        self._view: tuple[float, bytes] | None = None
        self._model = ""
        self._goal: Goal | None = None
        self._next_frame: bytes | None = None
        subscribe = self._subscribe
        subscribe(TaskStatus, names.TASK_STATUS, qos.LATCHED, self._content.follow)
        subscribe(PursuitStep, names.PLANNER_STEPS, qos.EVENTS, self._on_step)
        subscribe(WorldModelStatus, names.WORLD_MODEL_STATUS, qos.EVENTS, self._on_view)
        subscribe(EncodeGoal.Event, names.GOAL_EVENTS, qos.GOAL_EVENTS, self._on_goal_event)
        subscribe(RobotMode, names.ROBOT_MODE, qos.LATCHED, self._on_mode)
        subscribe(CameraStatus, names.CAMERA_STATUS, qos.LATCHED, self._on_camera)
        subscribe(DiagnosticArray, diagnostics.TOPIC, qos.EVENTS, self._on_diagnostics)
        subscribe(Image, names.IMAGE, FRAMES, self._on_image, raw=True)

    def activate(self) -> None:
        values = self.parameters.values()
        if values["imagine"]:
            self._imagination = Imagination(self._on_imagined, values["largest_model"])
        pictures: dict[str, Picture] = {
            "live": self._live_picture,
            "goal": self._goal_picture,
            "imagined": lambda: _png(self._next_frame),
        }
        commands: dict[str, Command] = {
            "pause": self._command(TaskRequest, names.PAUSE, TaskCode),
            "resume": self._command(TaskRequest, names.RESUME, TaskCode),
            "stop": self._command(StopMotion, names.STOP, MotionCode),
        }
        try:
            self._server = WebServer(values["port"], self._content.told, pictures, commands)
        except OSError as error:
            # Whoever only looks must not keep the others from coming up.
            self._fault = f"PORT_TAKEN: no page on port {values['port']} ({error}); set port"
            self.get_logger().error(self._fault)
            return
        self._fault = ""
        self.get_logger().info(f"open {self._server.guard.url}")

    def deactivate(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._imagination is not None:
            self._imagination.close()
            self._imagination = None
        for client in self._asking:
            self.destroy_client(client)
        self._asking.clear()

    def cleanup(self) -> None:
        for subscription in self._subscriptions_made:
            self.destroy_subscription(subscription)
        self._subscriptions_made.clear()

    def health(self) -> Health:
        port = self._server.guard.port if self._server is not None else 0
        return Health(error=self._fault, values={"port": port})

    def _subscribe(
        self,
        kind: type[Any],
        name: str,
        profile: Any,
        callback: Callable[[Any], object],
        raw: bool = False,
    ) -> None:
        self._subscriptions_made.append(
            self.create_subscription(
                kind, name, callback, profile, callback_group=self.quick, raw=raw
            )
        )

    def _command(self, kind: type[Any], name: str, codes: Any) -> Command:
        client = self.create_client(kind, name, callback_group=self.waiting)
        self._asking.append(client)
        return partial(_asked, client, kind, codes)

    def _on_mode(self, mode: RobotMode) -> None:
        self._content.mode = mode

    def _on_camera(self, status: CameraStatus) -> None:
        self._content.camera = status

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self._content.hear(status)

    def _on_image(self, raw: bytes) -> None:
        self._live = raw
        stamp = stamp_of(raw)
        if self._frames.keep(stamp, raw):
            self._view = stamp, raw
        self._content.changed("live")

    def _on_view(self, status: WorldModelStatus) -> None:
        self._model = status.model
        stamp = to_seconds(status.header.stamp)
        if stamp and (self._view is None or stamp != self._view[0]):
            self._frames.missing.clear()  # only the newest is of interest
            frame = self._frames.want(stamp)
            self._view = self._view if frame is None else (stamp, frame)

    def _on_goal_event(self, event: EncodeGoal.Event) -> None:
        encoded_goal = self._goal_events.take(event)
        if encoded_goal is not None:
            self._goal = encoded_goal[0]
            self._content.changed("goal")

    def _on_step(self, step: PursuitStep) -> None:
        self._content.stepped(step)
        view, goal = self._view, self._goal
        if self._imagination is None or view is None or goal is None:
            return
        if view[0] != to_seconds(step.header.stamp):
            return
        try:
            images = to_array(deserialize_message(view[1], Image)), to_array(goal.image)
        except ImageError:
            return  # the world model has said so
        action = np.array(step.plan.actions[:7], dtype=np.float64)
        self._imagination.ask(Asked(self._model, *images, np.array(step.state), action))

    def _on_imagined(self, imagined: Imagined) -> None:
        frame = imagined.next_frame
        self._next_frame = None if frame is None else encoded(frame, "png")
        self._content.imagined = imagined
        if frame is not None:
            self._content.changed("imagined")

    def _live_picture(self) -> tuple[str, bytes] | None:
        if self._live is None:
            return None
        try:
            image = to_array(deserialize_message(self._live, Image))
        except ImageError:
            return None  # preflight and world model say so
        return "image/jpeg", encoded(image, "jpeg")

    def _goal_picture(self) -> tuple[str, bytes] | None:
        return None if self._goal is None else _png(encoded(to_array(self._goal.image), "png"))


def _png(data: bytes | None) -> tuple[str, bytes] | None:
    return None if data is None else ("image/png", data)


def _asked(client: Client, kind: type[Any], codes: Any) -> tuple[str, str]:
    try:
        answer = call(client, kind.Request(), PATIENCE)
    except NoAnswerError as error:
        return "NO_ANSWER", str(error)
    return codes(answer.code.code).name, answer.message


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the dashboard until a signal ends it."""
    torch.set_num_threads(1)
    return run_nodes(lambda: [DashboardNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())
