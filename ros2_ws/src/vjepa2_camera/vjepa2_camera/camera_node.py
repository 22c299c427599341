"""A camera: publishes what a source sees, with the stamps of capture."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rclpy.clock import Clock, ClockType

from vjepa2_camera.camera_parameters import PARAMETERS, check, lens_from, source_from
from vjepa2_camera.frame_reader import FrameReader
from vjepa2_camera.frame_source import CameraFrame
from vjepa2_node.camera_topics import CameraTopics, Picture
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.run_nodes import run_nodes
from vjepa2_node.stamps import from_monotonic


class CameraNode(ManagedNode):
    """Reads while active; a source that is not there is found out when it is configured."""

    def __init__(self, **options: Any) -> None:
        super().__init__("camera", PARAMETERS, check, **options)
        self._topics = CameraTopics(self)

    def configure(self) -> None:
        # Closed again, or a device would keep a picture of now for the time when it is active.
        source = source_from(self.parameters.values())
        source.open()
        source.close()

    def activate(self) -> None:
        values = self.parameters.values()
        self._topics.start(values["source"], values["camera_frame"])
        self._reader = FrameReader(source_from(values), self._publish)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._status = self.create_timer(1.0, self._report, self.quick, clock=steady)

    def deactivate(self) -> None:
        self.destroy_timer(self._status)
        self._reader.stop()
        self._topics.report("the camera is not active")

    def _publish(self, frame: CameraFrame) -> None:
        height, width = frame.image.shape[:2]
        lens = lens_from(self.parameters.values(), width, height)
        stamp = from_monotonic(self.get_clock(), frame.stamp)
        if frame.estimated:
            # Taken for too old, a picture is only waited for longer; taken for too new, it would
            # show an arm that still moves.
            stamp -= self.parameters["arrival_latency"]
        self._topics.publish(Picture(frame.image, stamp, lens, frame.estimated))

    def _report(self) -> None:
        self._topics.report(self._reader.fault)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the camera node."""
    return run_nodes(lambda: [CameraNode()], arguments)


if __name__ == "__main__":
    sys.exit(main())
