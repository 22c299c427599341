"""The three topics of every camera, picture, intrinsics and status, and its diagnostics."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, Image

from vjepa2_msgs.msg import CameraStatus
from vjepa2_node import names, qos
from vjepa2_node.diagnostics import Health
from vjepa2_node.images import to_message
from vjepa2_node.intrinsics import Intrinsics, camera_info
from vjepa2_node.stamps import now_seconds, to_seconds, to_time

SILENT_SECONDS = 2.0
"""Longer without a picture, and the status says so."""


@dataclass(frozen=True, eq=False)
class Picture:
    """image: uint8 [H,W,3] RGB. stamp: of its capture [s, ROS clock]; estimated: of its arrival.

    intrinsics, serial: of the camera that took it; None, empty: not known.
    """

    image: NDArray[np.uint8]
    stamp: float
    intrinsics: Intrinsics | None = None
    estimated: bool = False
    serial: str = ""


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
            self._stamp: float | None = None
            self._count = 0
            self._dropped: Counter[str] = Counter()
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
            self._last, self._stamp = time.monotonic(), to_seconds(message.header.stamp)
            self._status.width, self._status.height = message.width, message.height
            self._status.stamps_estimated = picture.estimated
            self._status.serial = picture.serial

    def drop(self, reason: str, count: int = 1) -> None:
        """Count pictures that were there and are not published; reason: a word or two."""
        with self._lock:
            self._dropped[reason] += count

    def report(self, fault: str = "") -> None:
        """Publish the status with the rate since the last report; fault: one sentence."""
        with self._lock:
            now, status = time.monotonic(), self._status
            status.header.stamp = to_time(now_seconds(self._node.get_clock()))
            status.rate = self._count / max(now - self._reported, 1e-3)
            status.message = self._wrong(fault)
            self._count, self._reported = 0, now
            self._send(self._statuses, status)

    def health(self, fault: str = "") -> Health:
        """For `/diagnostics`; fault: as for `report`, whose last rate it tells."""
        with self._lock:
            status = self._status
            values: dict[str, object] = {
                "source": status.source,
                "serial": status.serial,
                "image_rate_hz": status.rate,
                "image_size": f"{status.width}x{status.height}",
                "stamps_estimated": status.stamps_estimated,
                "images_dropped": self._dropped.total(),
            }
            if self._stamp is not None:
                values["image_age_s"] = now_seconds(self._node.get_clock()) - self._stamp
            for reason, count in self._dropped.items():
                values[f"images_dropped_{reason.replace(' ', '_')}"] = count
            return Health(error=self._wrong(fault), values=values)

    def _wrong(self, fault: str) -> str:
        silent = time.monotonic() - self._last
        if fault or silent <= SILENT_SECONDS:
            return fault
        return f"no picture for {silent:.0f} s"

    def _send(self, publisher: Publisher, message: Any) -> None:
        try:
            publisher.publish(message)
        except Exception:
            # A signal may have shut the context down between two pictures.
            if self._node.context.ok():
                raise
