"""A process that reads bad files: it may die, hang, or be out of memory, and is told apart."""

from __future__ import annotations

import multiprocessing
import resource
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

ROOM = 2**30
"""Bytes of address space beyond what the imports take."""
GREEDY = 256 * 2**20
"""Bytes by which no small file may let the process grow."""
PATIENCE = 30.0
"""Seconds that a small file may take on a busy machine."""
START = 120.0


class ChildError(AssertionError):
    """The call crashed: it raised, died, hung or grew."""


class Child:
    """Calls functions of importable modules; is started with the first call, and after a death."""

    def __init__(self, room: int | None = ROOM) -> None:
        """room: None does not limit its address space, of which ROS takes much for each node."""
        self._room = room
        self._process: Any = None
        self._pipe: Any = None

    def call(self, function: Callable[..., str], *arguments: Any) -> str:
        """What the function returns. Raises ChildError."""
        if self._process is None:
            self._start()
        self._pipe.send((function, arguments))
        if not self._pipe.poll(PATIENCE):
            self.end()
            raise ChildError(f"hung: no answer within {PATIENCE:g} s")
        try:
            result, fault, grown = self._pipe.recv()
        except EOFError:
            self._process.join()
            status = self._process.exitcode
            self.end()
            raise ChildError(f"died with status {status}") from None
        if fault:
            raise ChildError(fault)
        if grown > GREEDY:
            self.end()
            raise ChildError(f"grew by {grown / 2**20:.0f} MB")
        return str(result)

    def end(self) -> None:
        """Kill the process; the next call starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
        self._process = None

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._room), daemon=True)
        self._process.start()
        theirs.close()
        assert self._pipe.poll(START), "the child did not start"
        self._pipe.recv()


def _serve(pipe: Connection, room: int | None) -> None:
    import tests.fuzz.readers  # noqa: F401 - so that its memory is counted before the limit

    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    if room is not None:
        resource.setrlimit(resource.RLIMIT_AS, (taken + room, taken + room))
    pipe.send(None)
    with suppress(EOFError):
        while True:
            function, arguments = pipe.recv()
            before = _peak()
            try:
                answer = (function(*arguments), "", _peak() - before)
            except BaseException:
                answer = ("", traceback.format_exc(), 0)
            pipe.send(answer)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
