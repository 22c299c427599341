"""One process of the graph: its command line, its output, its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from vjepa2_bringup.child_environment import die_with_parent
from vjepa2_bringup.node_table import NodeSpec

LAST_LINES = 20
PATIENCE = 5.0
"""Seconds that a process has to end after SIGINT, and again after SIGTERM."""
READING_TIMEOUT = 1.0  # s


class NodeProcess:
    """Runs a NodeSpec from the moment that it is made.

    on_line: is given each line of its output. on_end: is called once it has ended. Both come
    from threads of their own.
    """

    def __init__(
        self,
        spec: NodeSpec,
        environment: Mapping[str, str],
        on_line: Callable[[str], object],
        on_end: Callable[[NodeProcess], object],
    ) -> None:
        self.spec = spec
        self._on_line = on_line
        self._on_end = on_end
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._ended = threading.Event()
        self._popen = subprocess.Popen(
            command(spec),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C reaches the runner alone, which then ends its processes in order.
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
        self._reader = self._thread(self._read)
        self._thread(self._watch)

    @property
    def name(self) -> str:
        """Name of its executable."""
        return self.spec.executable

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def has_ended(self) -> bool:
        """True as soon as the process is gone."""
        return self._popen.poll() is not None

    @property
    def status(self) -> str:
        """How it ended, for a sentence: `with status 2`, `by SIGKILL`."""
        code = self._popen.poll()
        if code is None:
            return "not at all"
        return f"with status {code}" if code >= 0 else f"by {signal.Signals(-code).name}"

    @property
    def last_words(self) -> str:
        """The last lines that it wrote."""
        return "\n".join(self._last)

    def signal(self, number: int) -> None:
        """Send a signal to the process, if it is there."""
        if not self.has_ended:
            self._popen.send_signal(number)

    def kill(self) -> None:
        """End it at once, with all that it started and that stayed in its session."""
        if not self.has_ended:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has ended and its output is read; whether that happened."""
        return self._ended.wait(timeout)

    def _thread(self, target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target, name=self.name, daemon=True)
        thread.start()
        return thread

    def _read(self) -> None:
        assert self._popen.stdout is not None
        with self._popen.stdout as output:
            for line in output:
                self._last.append(line.rstrip())
                self._on_line(line.rstrip())

    def _watch(self) -> None:
        self._popen.wait()
        # Something that it started may hold the output open for longer.
        self._reader.join(READING_TIMEOUT)
        self._ended.set()
        self._on_end(self)


def command(spec: NodeSpec) -> list[str]:
    """Command line of a process."""
    ros = [part for file in spec.parameter_files for part in ("--params-file", file)]
    for name, value in spec.parameters.items():
        ros += ["-p", f"{name}:={json.dumps(value)}"]  # quoted, a text stays one in YAML
    if spec.namespace:
        ros += ["-r", f"__ns:={spec.namespace}"]
    ros += ["--enclave", spec.enclave]
    return [sys.executable, "-m", spec.module, "--ros-args", *ros]


def end_all(processes: Sequence[NodeProcess], patience: float = PATIENCE) -> None:
    """SIGINT, then SIGTERM, then SIGKILL; returns once all are gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        for process in processes:
            process.signal(number)
        deadline = time.monotonic() + patience
        if all([process.wait(max(deadline - time.monotonic(), 0.0)) for process in processes]):
            return
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()
