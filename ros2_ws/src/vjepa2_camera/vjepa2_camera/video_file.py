"""A video file in place of a camera, played at its own rate or at another."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vjepa2_camera.frame_source import CameraFrame, SourceError

UNKNOWN_RATE = 30.0


class VideoFile:
    """rate: frames a second; 0: the file's own. loop: begin again at its end."""

    retry_seconds = 0.0

    def __init__(self, path: str, rate: float = 0.0, loop: bool = False) -> None:
        self._path = path
        self._rate = rate
        self._loop = loop
        self._capture = cv2.VideoCapture()
        self._next: NDArray[np.uint8] | None = None
        self._due = 0.0
        self._period = 0.0

    def open(self) -> None:
        """Begin at the first frame."""
        if not Path(self._path).is_file():
            raise SourceError(f"there is no video file {self._path!r}; check the path in `device`")
        self._next = self._first()
        if self._next is None:
            self.close()
            raise SourceError(f"no picture can be read from {self._path!r}: it is no video file")
        own = self._capture.get(cv2.CAP_PROP_FPS)
        self._period = 1.0 / (self._rate or (own if 0 < own < 1000 else UNKNOWN_RATE))
        self._due = time.monotonic()

    def read(self, stopped: threading.Event) -> CameraFrame | None:
        """The next frame when its time has come, stamped with that moment."""
        if self._next is None:
            raise SourceError(f"the video {self._path!r} is over; set `loop` to play it again")
        if stopped.wait(max(self._due - time.monotonic(), 0.0)):
            return None
        frame = CameraFrame(self._next, time.monotonic(), estimated=True)
        # After a hold-up it goes on at its rate; it does not catch up.
        self._due = max(self._due + self._period, frame.stamp)
        self._next = self._decoded()
        if self._next is None and self._loop:
            self._next = self._first()
        return frame

    def close(self) -> None:
        """Close the file."""
        self._capture.release()

    def _first(self) -> NDArray[np.uint8] | None:
        return self._decoded() if self._capture.open(self._path) else None

    def _decoded(self) -> NDArray[np.uint8] | None:
        fresh, picture = self._capture.read()
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8) if fresh else None
