"""Connecting to a Franka control box with errors that come soon and say what to do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, wait
from contextlib import suppress
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
    last_start = time.monotonic() + timeout - PATIENCE
    answer: Future[T] = Future()

    def attempt() -> None:
        with suppress(InvalidStateError):  # nobody waits any more, and it hangs up
            try:
                answer.set_result(_come_again(connect, last_start))
            except Exception as error:
                answer.set_exception(error)

    # libfranka waits for ever on a port that accepts but does not speak its protocol.
    threading.Thread(target=attempt, name=f"connect to {what}", daemon=True).start()
    wait([answer], timeout)
    if answer.cancel():  # which what is done can't be
        raise ArmError(
            f"{host}:{port} accepts connections but did not answer as a Franka {what} within "
            f"{timeout:g} s; another client may hold it, or it is another kind of server"
        )
    try:
        return answer.result()
    except franky.IncompatibleVersionException as error:
        raise ArmError(
            f"the {what} at {host} and the installed franky speak different versions "
            f"({error}); install the franky build for this robot's system version"
        ) from error
    except Exception as error:
        raise ArmError(f"cannot connect to the {what} at {host}: {error}") from error


def _come_again(connect: Callable[[], T], last_start: float) -> T:
    """A box that is busy with clients who have just left turns away who comes next."""
    while True:
        try:
            return connect()
        except franky.NetworkException:
            if time.monotonic() >= last_start:
                raise
        time.sleep(PAUSE)
