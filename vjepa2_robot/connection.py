"""Connecting to a Franka control box with errors that come soon and say what to do."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import franky

from vjepa2_robot.arm_driver import ArmError
from vjepa2_robot.server_version import ROBOT_PORT

GRIPPER_PORT = 1338

PATIENCE = 1.0
"""Seconds after which libfranka gives up a connection that nobody has taken."""

PAUSE = 0.1
"""Seconds between two attempts."""

T = TypeVar("T")


def open_robot(host: str, timeout: float, realtime: bool) -> franky.Robot:
    """Connect to the robot at `host`, or raise `ArmError` within about 2 `timeout` seconds."""
    config = franky.RealtimeConfig.Enforce if realtime else franky.RealtimeConfig.Ignore
    return _open(
        "robot", host, ROBOT_PORT, timeout, lambda: franky.Robot(host, realtime_config=config)
    )


def open_gripper(host: str, timeout: float) -> franky.Gripper:
    """Connect to the Franka Hand at `host`, or raise `ArmError`."""
    return _open("gripper", host, GRIPPER_PORT, timeout, lambda: franky.Gripper(host))


def _open(what: str, host: str, port: int, timeout: float, connect: Callable[[], T]) -> T:
    try:
        socket.create_connection((host, port), timeout).close()
    except OSError as error:
        raise ArmError(
            f"no {what} at {host}:{port} ({error}); check the address, the network, and that "
            "FCI is activated in Desk"
        ) from error
    answer: queue.SimpleQueue[T | Exception] = queue.SimpleQueue()
    last_start = time.monotonic() + timeout - PATIENCE

    def attempt() -> None:
        try:
            answer.put(connect())
        except franky.NetworkException as error:
            # A box that is busy with clients who have just left drops who comes next.
            if time.monotonic() < last_start:
                time.sleep(PAUSE)
                attempt()
            else:
                answer.put(error)
        except Exception as error:
            answer.put(error)

    # libfranka waits for ever on a port that accepts but does not speak its protocol.
    threading.Thread(target=attempt, name=f"connect to {what}", daemon=True).start()
    try:
        connected = answer.get(timeout=timeout)
    except queue.Empty:
        raise ArmError(
            f"{host}:{port} accepts connections but did not answer as a Franka {what} within "
            f"{timeout:g} s; another client may hold it, or it is another kind of server"
        ) from None
    if isinstance(connected, franky.IncompatibleVersionException):
        raise ArmError(
            f"the {what} at {host} and the installed franky speak different versions "
            f"({connected}); install the franky build for this robot's system version"
        ) from connected
    if isinstance(connected, Exception):
        raise ArmError(f"cannot connect to the {what} at {host}: {connected}") from connected
    return connected
