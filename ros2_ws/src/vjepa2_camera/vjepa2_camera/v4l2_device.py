"""A camera of the Linux kernel: USB and laptop cameras, frame grabbers."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

# OpenCV looks at it once; by default a camera that hangs would hold the reader for 10 s.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
import cv2
import numpy as np

from vjepa2_camera.device_stamps import DeviceStamps
from vjepa2_camera.frame_source import CameraFrame, SourceError
from vjepa2_camera.v4l2_serial import v4l2_serial

DEVICES = Path("/dev")


class V4l2Device:
    """device: path, or index as text. width, height [px], rate [Hz]: 0: the device's default.

    serial: that it must have; empty: any.
    """

    retry_seconds = 1.0

    def __init__(
        self, device: str, width: int = 0, height: int = 0, rate: float = 0.0, serial: str = ""
    ) -> None:
        self._path = f"/dev/video{device}" if device.isdigit() else device
        self._wanted = {
            cv2.CAP_PROP_FRAME_WIDTH: width,
            cv2.CAP_PROP_FRAME_HEIGHT: height,
            cv2.CAP_PROP_FPS: rate,
        }
        self._wanted_serial = serial
        self._capture = cv2.VideoCapture()
        self._stamps = DeviceStamps()

    def open(self) -> None:
        """Open the device and ask for size and rate."""
        if not Path(self._path).exists():
            raise SourceError(f"there is no camera {self._path}; {_present()}")
        self._serial = v4l2_serial(self._path)
        if self._wanted_serial not in ("", self._serial):
            raise SourceError(
                f"the camera {self._path} has the serial {self._serial or 'unknown'}, not "
                f"{self._wanted_serial}: set `serial`, or `device` to a path in /dev/v4l/by-id"
            )
        if not self._capture.open(self._path, cv2.CAP_V4L2):
            raise SourceError(
                f"{self._path} cannot be opened as a camera: another program may have it, this "
                "user may not be in the group video, or it is another kind of device"
            )
        # Opened again, it must be the same: a calibration and goals belong to one camera.
        self._wanted_serial = self._serial
        # With more buffers, a reader that was late would be given old pictures.
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        for key, value in self._wanted.items():
            if value:
                self._capture.set(key, value)
        self._stamps = DeviceStamps()
        self._check_size()

    def read(self, stopped: threading.Event) -> CameraFrame | None:
        """The next frame, with the driver's stamp where that is on the monotonic clock."""
        fresh, picture = self._capture.read()
        arrival = time.monotonic()
        if stopped.is_set():
            return None
        if not fresh:
            raise SourceError(f"the camera {self._path} sends no pictures; is it plugged in?")
        reported = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0
        stamp, estimated = self._stamps.of(reported, arrival)
        image = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
        return CameraFrame(image, stamp, estimated, self._serial)

    def close(self) -> None:
        """Let go of the device."""
        self._capture.release()

    def _check_size(self) -> None:
        edges = {"width": cv2.CAP_PROP_FRAME_WIDTH, "height": cv2.CAP_PROP_FRAME_HEIGHT}
        for edge, key in edges.items():
            wanted, given = self._wanted[key], int(self._capture.get(key))
            if wanted and wanted != given:
                self.close()
                raise SourceError(
                    f"{edge} {wanted} was asked of the camera {self._path}, but it gives {given}; "
                    "`v4l2-ctl --list-formats-ext` lists its sizes"
                )


def _present() -> str:
    devices = ", ".join(sorted(str(path) for path in DEVICES.glob("video*")))
    if devices:
        return f"`device` may be one of {devices}"
    return "none is here: plug one in, or pass it on to this container"
