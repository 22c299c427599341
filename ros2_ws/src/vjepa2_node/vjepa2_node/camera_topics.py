"""The three topics of every camera: picture, intrinsics and health."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, Image

from vjepa2_msgs.msg import CameraStatus
from vjepa2_node import names, qos
from vjepa2_node.images import to_message
from vjepa2_node.intrinsics import Intrinsics, camera_info
from vjepa2_node.stamps import now_seconds, to_time

SILENT_SECONDS = 2.0
"""Longer without a picture, and the status says so."""


@dataclass(frozen=True, eq=False)
class Picture:
    """image: uint8 [H,W,3] RGB. stamp: of its capture [s, ROS clock]; estimated: of its arrival.

    intrinsics: of the camera that took it; None: not known.
    """

    image: NDArray[np.uint8]
    stamp: float
    intrinsics: Intrinsics | None = None
    estimated: bool = False


class CameraTopics:
    """Publishes for a node; its methods may be called from different threads."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._images = node.create_publisher(Image, names.IMAGE, qos.IMAGES)
        self._infos = node.create_publisher(CameraInfo, names.CAMERA_INFO, qos.IMAGES)
        self._statuses = node.create_publisher(CameraStatus, names.CAMERA_STATUS, qos.LATCHED)
        self._lock = threading.Lock()
        self.start("", "")

    def start(self, source: str, frame_id: str) -> None:
        """Begin anew, with no picture so far; source: kind of camera, see CameraStatus."""
        with self._lock:
            self._status = CameraStatus(source=source)
            self._status.header.frame_id = frame_id
            self._count = 0
            self._reported = self._last = time.monotonic()

    def publish(self, picture: Picture) -> None:
        """Publish a picture with its intrinsics; raises ImageError for an image that is none."""
        message = to_message(picture.image, picture.stamp, self._status.header.frame_id)
        info = camera_info(message.width, message.height, picture.intrinsics)
        info.header = message.header
        self._send(self._infos, info)
        self._send(self._images, message)
        with self._lock:
            self._count += 1
            self._last = time.monotonic()
            self._status.width, self._status.height = message.width, message.height
            self._status.stamps_estimated = picture.estimated

    def report(self, fault: str = "") -> None:
        """Publish the status with the rate since the last report; fault: one sentence."""
        with self._lock:
            now, status = time.monotonic(), self._status
            if not fault and now - self._last > SILENT_SECONDS:
                fault = f"no picture for {now - self._last:.0f} s"
            status.header.stamp = to_time(now_seconds(self._node.get_clock()))
            status.rate = self._count / max(now - self._reported, 1e-3)
            status.message = fault
            self._count, self._reported = 0, now
            self._send(self._statuses, status)

    def _send(self, publisher: Publisher, message: Any) -> None:
        try:
            publisher.publish(message)
        except Exception:
            # A signal may have shut the context down between two pictures.
            if self._node.context.ok():
                raise
