"""Reads a source on a thread of its own, and opens it again where that may help."""

from __future__ import annotations

import threading
from collections.abc import Callable

from vjepa2_camera.frame_source import CameraFrame, FrameSource

STOP_SECONDS = 1.0
LONGEST_RETRY = 8
"""Pauses between attempts grow to so many times the source's `retry_seconds`."""


class FrameReader:
    """Gives each frame of `source` to `deliver` until stopped."""

    def __init__(self, source: FrameSource, deliver: Callable[[CameraFrame], None]) -> None:
        self._source = source
        self._deliver = deliver
        self._stopped = threading.Event()
        self._fault = ""
        self._patience = 1
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> str:
        """Why there are no frames, in a sentence; empty while there are."""
        return self._fault

    def stop(self) -> None:
        """No frame is delivered after this; returns within a second, even if the source hangs."""
        self._stopped.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._read()
            except Exception as error:
                self._fault = " ".join(str(error).split()) or type(error).__name__
            finally:
                # Here, not in `stop`: only the thread that reads may close what it reads from.
                self._source.close()
            pause = self._source.retry_seconds * self._patience
            self._patience = min(2 * self._patience, LONGEST_RETRY)
            if not pause or self._stopped.wait(pause):
                return

    def _read(self) -> None:
        self._source.open()
        while (frame := self._source.read(self._stopped)) is not None:
            if self._stopped.is_set():
                return
            self._fault, self._patience = "", 1
            self._deliver(frame)
