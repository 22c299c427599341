"""The version of an arm's server, and answers that are none."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from vjepa2_robot.arm_driver import ArmError
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.server_version import ROBOT_PORT, server_version

HOST = "127.77.0.2"
TIMEOUT = 5.0  # s


@contextmanager
def answering(answer: Callable[[socket.socket], object]) -> Iterator[None]:
    """A server on the robot's port that treats its one client so."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, ROBOT_PORT))
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(64)
                answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join(TIMEOUT)


def test_the_simulated_arm(simulation: Any) -> None:
    """It says 10, and is free for a real client at once."""
    assert server_version(simulation.hostname, TIMEOUT) == 10
    FrankyArm(simulation.hostname, FrankySettings()).close()


def test_an_arm_that_refuses() -> None:
    """One that no version of ours fits tells its own."""
    refusal = struct.pack("<IIIHH4x", 0, 1, 20, 1, 5)
    with answering(lambda connection: connection.sendall(refusal)):
        assert server_version(HOST, TIMEOUT) == 5


@pytest.mark.parametrize(
    ("answer", "said"),
    [(b"HTTP/1.1 400 Bad Request", "not as a Franka"), (b"short", "without an answer")],
)
def test_other_servers(answer: bytes, said: str) -> None:
    """They are errors that say what came."""
    with (
        answering(lambda connection: connection.sendall(answer)),
        pytest.raises(ArmError, match=said),
    ):
        server_version(HOST, TIMEOUT)
