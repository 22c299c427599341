"""A process that says that it commands the arm, for tests to kill; given `hangs`, it hangs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import rclpy

from tests.ros.conftest import WAIT
from vjepa2_node.commander_alive import CommanderAlive, CommanderWatch


@contextmanager
def commander_process(watch: CommanderWatch, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, once the watch hears it."""
    command = [sys.executable, "-m", __name__, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            await_commanders(watch, 1)
            yield process
        finally:
            process.kill()


def await_commanders(watch: CommanderWatch, count: int) -> None:
    """Until the watch hears so many."""
    deadline = time.monotonic() + WAIT
    while watch.alive != count:
        assert time.monotonic() < deadline, f"{watch.alive} commanders are heard, not {count}"
        time.sleep(0.01)


def main(arguments: list[str]) -> None:
    rclpy.init()
    node = rclpy.create_node("commander")
    CommanderAlive(node, node.default_callback_group)
    if "hangs" in arguments:
        node.create_timer(0.3, sys.stdin.read)
    rclpy.spin(node)


if __name__ == "__main__":
    main(sys.argv[1:])
