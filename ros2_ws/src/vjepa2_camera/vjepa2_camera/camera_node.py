"""A camera: publishes what a source sees, with the stamps of capture."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rclpy.clock import Clock, ClockType

from vjepa2_camera.camera_parameters import PARAMETERS, check, lens_from, source_from
from vjepa2_camera.frame_reader import FrameReader
from vjepa2_camera.frame_source import CameraFrame
from vjepa2_camera.image_topic import ImageTopic, topic_of
from vjepa2_node.camera_topics import CameraTopics, Picture
from vjepa2_node.diagnostics import Health
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.parameters import Values
from vjepa2_node.run_nodes import run_nodes
from vjepa2_node.stamps import from_monotonic


class CameraNode(ManagedNode):
    """Reads while active; a source that is not there is found out when it is configured."""

    def __init__(self, **options: Any) -> None:
        super().__init__("camera", PARAMETERS, check, **options)
        self._topics = CameraTopics(self)

    def configure(self) -> None:
        values = self.parameters.values()
        if values["source"] == "topic":
            topic_of(self, values["device"])
            return
        # Closed again, or a device would keep a picture of now for the time when it is active.
        source = source_from(values)
        source.open()
        source.close()

    def activate(self) -> None:
        values = self.parameters.values()
        self._topics.start(values["source"], values["camera_frame"])
        self._feed = self._started(values)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._status = self.create_timer(1.0, self._report, self.quick, clock=steady)

    def deactivate(self) -> None:
        self.destroy_timer(self._status)
        self._feed.stop()
        self._topics.report("the camera is not active")

    def health(self) -> Health:
        return self._topics.health(self._feed.fault)

    def _started(self, values: Values) -> FrameReader | ImageTopic:
        if values["source"] == "topic":
            topic = topic_of(self, values["device"])
            return ImageTopic(self, topic, self._publish, self._topics.drop)
        return FrameReader(source_from(values), self._taken)

    def _taken(self, frame: CameraFrame) -> None:
        if frame.lost:
            self._topics.drop("lost", frame.lost)
        stamp = from_monotonic(self.get_clock(), frame.stamp)
        self._publish(Picture(frame.image, stamp, frame.intrinsics, frame.estimated, frame.serial))

    def _publish(self, picture: Picture) -> None:
        height, width = picture.image.shape[:2]
        lens = lens_from(self.parameters.values(), width, height, picture.intrinsics)
        stamp = picture.stamp
        if picture.estimated:
            # Taken for too old, a picture is only waited for longer; taken for too new, it would
            # show an arm that still moves.
            stamp -= self.parameters["arrival_latency"]
        self._topics.publish(replace(picture, stamp=stamp, intrinsics=lens))

    def _report(self) -> None:
        self._topics.report(self._feed.fault)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the camera node."""
    return run_nodes(lambda: [CameraNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())
