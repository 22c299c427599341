"""A process that says that it commands the arm, for tests to kill, or to let hang."""

from __future__ import annotations

import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import rclpy

from tests.ros.conftest import WAIT
from vjepa2_node.commander_alive import CommanderAlive, CommanderWatch


@contextmanager
def commander_process(watch: CommanderWatch) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once the watch hears it."""
    with subprocess.Popen([sys.executable, "-m", __name__], stdin=subprocess.PIPE) as process:
        try:
            await_commanders(watch, 1)
            yield process
        finally:
            process.kill()


def let_hang(process: subprocess.Popen[bytes]) -> None:
    """From now on its executor gets stuck in a callback; the process lives."""
    assert process.stdin is not None
    process.stdin.write(b"hang\n")
    process.stdin.flush()


def await_commanders(watch: CommanderWatch, count: int) -> None:
    """Until the watch hears so many."""
    deadline = time.monotonic() + WAIT
    while watch.alive != count:
        assert time.monotonic() < deadline, f"{watch.alive} commanders are heard, not {count}"
        time.sleep(0.01)


def main() -> None:
    rclpy.init()
    node = rclpy.create_node("commander")
    CommanderAlive(node, node.default_callback_group)
    node.create_timer(0.05, _hang_if_told)
    rclpy.spin(node)


def _hang_if_told() -> None:
    if select.select([sys.stdin], [], [], 0.0)[0]:
        threading.Event().wait()


if __name__ == "__main__":
    main()
