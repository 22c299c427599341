"""Which camera looks, and what it sees now."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image

from vjepa2_msgs.msg import CameraStatus
from vjepa2_node import names
from vjepa2_node.images import ImageError, to_array
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.qos import IMAGES, LATCHED
from vjepa2_planner.calibration import CalibrationCode, CalibrationError, CameraId


class CameraWatch:
    """Follows the camera's topics. For worker threads; all raise CAMERA_SILENT."""

    def __init__(self, node: ManagedNode) -> None:
        self._news = threading.Condition()
        self._status: CameraStatus | None = None
        self._image = b""
        self._count = 0
        node.create_subscription(
            CameraStatus, names.CAMERA_STATUS, self._on_status, LATCHED, callback_group=node.quick
        )
        # Raw: few of the pictures are ever looked at.
        node.create_subscription(
            Image, names.IMAGE, self._on_image, IMAGES, callback_group=node.quick, raw=True
        )

    def camera(self, timeout: float) -> CameraId:
        """The camera, waited for up to `timeout` seconds.

        A device without a serial is called after its kind, so two of a kind are not told apart.
        """
        with self._news:
            self._news.wait_for(lambda: self._status is not None and self._status.width, timeout)
            status = self._status
        if status is None or not status.width:
            raise _silent(f"no status of a camera with pictures within {timeout:g} s")
        return CameraId(
            status.serial or status.source, status.header.frame_id, status.width, status.height
        )

    def picture(self, timeout: float) -> NDArray[np.uint8]:
        """The next picture [H, W, 3] RGB that comes."""
        with self._news:
            before = self._count
            if not self._news.wait_for(lambda: self._count > before, timeout):
                raise _silent(f"no picture within {timeout:g} s")
            image = self._image
        try:
            return to_array(deserialize_message(image, Image))
        except ImageError as error:
            raise _silent(f"the camera's picture cannot be used: {error}") from error

    def _on_status(self, status: CameraStatus) -> None:
        with self._news:
            self._status = status
            self._news.notify_all()

    def _on_image(self, image: bytes) -> None:
        with self._news:
            self._image = image
            self._count += 1
            self._news.notify_all()


def _silent(reason: str) -> CalibrationError:
    return CalibrationError(
        CalibrationCode.CAMERA_SILENT, f"{reason}: is the camera node up and active?"
    )
