"""Writes recordings on a thread of its own, so that no callback ever waits for a disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vjepa2_monitor.disk_space import MEGABYTE, Limits, check_folder
from vjepa2_monitor.record_code import RecordCode, RecordError, as_record_error
from vjepa2_monitor.run_bag import RunBag

CLOSING = 8.0
"""Seconds that the last messages may take: a node has 10 to come down."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A message to be recorded: see `RunBag.write`. convert: applied to data by the writer."""

    topic: str
    kind: type[Any]
    stamp: int
    data: bytes
    convert: Callable[[bytes], bytes] = bytes


@dataclass(frozen=True)
class Standing:
    """How the recording stands. fault: None where all is well; path: of the last run, if any.

    recording: until the run on the disk is whole, or has been given up.
    dropped: messages of this run that found the queue full. unreadable: that could not be
    converted. written, queued: bytes.
    """

    fault: RecordError | None
    path: Path | None
    recording: bool
    dropped: int
    unreadable: int
    written: int
    queued: int


class BagWriter:
    """Takes orders and messages without ever blocking; `close` ends the thread.

    queue_limit: of messages that wait [bytes]; further ones are dropped and counted. Orders are
    never dropped.
    """

    def __init__(self, folder: Path, limits: Limits, queue_limit: float) -> None:
        self._folder = folder
        self._limits = limits
        self._queue_limit = queue_limit
        self._queue: deque[Callable[[], None]] = deque()
        self._queued = self._dropped = self._unreadable = 0
        self._changed = threading.Condition()
        self._closing = False
        self._fault: RecordError | None = None
        self._bag: RunBag | None = None
        self._path: Path | None = None
        self._written = 0
        self._thread = threading.Thread(target=self._work, name="bag_writer", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Find out whether a recording could begin."""
        self._order(lambda: self._attempt(lambda: check_folder(self._folder, self._limits)))

    def begin(self, about: Mapping[str, str]) -> None:
        """Begin a new recording, and end the one in progress."""
        self._dropped = self._unreadable = 0
        self._order(lambda: self._begin(about))

    def put(self, entry: Entry) -> None:
        """Record a message, where a recording is in progress by the time that it is its turn."""
        with self._changed:
            if self._queued + len(entry.data) > self._queue_limit:
                self._dropped += 1
                return
            self._queued += len(entry.data)
            self._queue.append(lambda: self._write(entry))
            self._changed.notify()

    def end(self) -> None:
        """End the recording in progress."""
        self._order(self._end)

    def close(self, patience: float = CLOSING) -> None:
        """Write what waits, and end; a disk that hangs is waited for `patience` seconds."""
        self.end()
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(patience)

    def standing(self) -> Standing:
        """As it is now."""
        fault = self._fault
        if fault is None and self._dropped:
            fault = RecordError(
                RecordCode.QUEUE_FULL,
                f"{self._dropped} messages were dropped: the disk is too slow, or queue_limit "
                f"({self._queue_limit / MEGABYTE:g} MB) too small",
            )
        return Standing(
            fault,
            self._path,
            self._bag is not None,
            self._dropped,
            self._unreadable,
            self._written,
            self._queued,
        )

    def _order(self, order: Callable[[], None]) -> None:
        with self._changed:
            self._queue.append(order)
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closing)
                if not self._queue:
                    return
                order = self._queue.popleft()
            order()

    def _begin(self, about: Mapping[str, str]) -> None:
        self._end()
        self._attempt(lambda: self._open(about))

    def _open(self, about: Mapping[str, str]) -> None:
        self._bag = RunBag(self._folder, self._limits, about)
        self._path, self._written = self._bag.path, 0

    def _write(self, entry: Entry) -> None:
        with self._changed:
            self._queued -= len(entry.data)
        bag = self._bag
        if bag is None:
            return
        try:
            data = entry.convert(entry.data)
        except ValueError:
            self._unreadable += 1
            return
        try:
            bag.write(entry.topic, entry.kind, entry.stamp, data)
            self._written = bag.written
        except RecordError as error:
            # A limit: what was written until then is whole.
            self._end()
            self._fault = error
        except Exception as error:
            bag.abort()
            self._fault = as_record_error(error, bag.path)
            self._bag = None

    def _end(self) -> None:
        if self._bag is not None:
            self._attempt(self._bag.close, keep=True)
            # Not before: index and metadata may take seconds, and until then nobody can read it.
            self._bag = None

    def _attempt(self, step: Callable[[], None], keep: bool = False) -> None:
        """Carry out a step; its fault, or its success, is what the standing tells from then on."""
        try:
            step()
        except Exception as error:
            self._fault = as_record_error(error, self._path if keep else self._folder)
        else:
            self._fault = self._fault if keep else None
