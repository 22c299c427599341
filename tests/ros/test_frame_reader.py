"""The thread that reads a source, and what it does when the source fails."""

from __future__ import annotations

import queue
import threading
import time

import numpy as np

from tests.ros.conftest import WAIT
from vjepa2_camera.frame_reader import FrameReader
from vjepa2_camera.frame_source import CameraFrame, SourceError

FRAME = CameraFrame(np.zeros((1, 1, 3), np.uint8), 1.0, False)


class Script:
    """A source that plays frames and errors; after them it hangs until `release`."""

    def __init__(self, *events: CameraFrame | Exception, retry_seconds: float = 0.0) -> None:
        self.retry_seconds = retry_seconds
        self.release = threading.Event()
        self.closed = threading.Event()
        self.opened_at: list[float] = []
        self._events = list(events)

    def open(self) -> None:
        self.opened_at.append(time.monotonic())

    @property
    def opened(self) -> int:
        return len(self.opened_at)

    def read(self, stopped: threading.Event) -> CameraFrame | None:
        if not self._events:
            self.release.wait(WAIT)
            return FRAME
        event = self._events.pop(0)
        if isinstance(event, Exception):
            raise event
        return event

    def close(self) -> None:
        self.closed.set()


def test_a_source_that_fails_is_opened_again():
    """After its pause; with the next frame all is well again."""
    source = Script(FRAME, SourceError("cable"), FRAME, retry_seconds=0.01)
    arrived: queue.SimpleQueue = queue.SimpleQueue()
    reader = FrameReader(source, arrived.put)
    assert [arrived.get(timeout=WAIT) for _ in range(2)] == [FRAME, FRAME]
    assert (source.opened, reader.fault) == (2, "")
    source.release.set()
    reader.stop()
    assert source.closed.is_set()


def test_a_source_is_let_go_of_while_it_fails():
    """Its sentence stands, and stopping does not wait for the end of the pause."""
    source = Script(SourceError("cable"), retry_seconds=3600.0)
    reader = FrameReader(source, lambda frame: None)
    assert source.closed.wait(WAIT)
    assert reader.fault == "cable"
    reader.stop()
    assert source.opened == 1


def test_a_source_that_is_over_is_left_alone():
    """It is closed, and why it ended can be read."""
    source = Script(FRAME, SourceError("the\n end"))
    reader = FrameReader(source, lambda frame: None)
    assert source.closed.wait(WAIT)
    reader.stop()
    assert reader.fault == "the end"
    assert source.opened == 1


def test_a_source_that_fails_again_and_again_is_asked_less_often():
    """Pauses double up to a limit; after a frame they begin anew."""
    broken = [SourceError("cable")] * 6
    source = Script(*broken, FRAME, *broken[:2], FRAME, retry_seconds=0.01)
    arrived: queue.SimpleQueue = queue.SimpleQueue()
    reader = FrameReader(source, arrived.put)
    for _ in range(2):
        arrived.get(timeout=WAIT)
    source.release.set()
    reader.stop()
    assert (source.opened, reader.fault) == (9, "")
    pauses = np.diff(source.opened_at)
    least = 0.01 * np.array([1, 2, 4, 8, 8, 8, 1, 2])
    assert (pauses >= least).all()
    assert pauses[6] < pauses[5]


def test_an_error_of_any_kind_is_told():
    """Not only those that a source foresaw."""
    source = Script(ZeroDivisionError("division by zero"))
    reader = FrameReader(source, lambda frame: None)
    assert source.closed.wait(WAIT)
    reader.stop()
    assert reader.fault == "division by zero"


def test_stopping_does_not_wait_for_a_source_that_hangs():
    """It returns soon, and the frame that comes late is not delivered."""
    source, delivered = Script(), []
    reader = FrameReader(source, delivered.append)
    started = time.monotonic()
    reader.stop()
    assert time.monotonic() - started < 5.0
    source.release.set()
    assert source.closed.wait(WAIT)
    assert delivered == []
