"""Errors when there is no arm at the address, or something else."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from vjepa2_robot.arm_driver import ArmError, MotionCode
from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_settings import FrankySettings

SOON = FrankySettings(connect_timeout=0.5)
HOST = "127.77.0.1"


@contextmanager
def listening(waiting: int = 128) -> Iterator[socket.socket]:
    """A socket that accepts connections on the robot's port, of `waiting` + 1 at a time."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, 1337))
        server.listen(waiting)
        yield server


def answer_as_another_version(server: socket.socket) -> None:
    """Take the next client, and tell it of another version of the protocol."""
    connection, _ = server.accept()
    with connection:
        _, command_id, _ = struct.unpack("<III", connection.recv(64)[:12])
        incompatible, version = 1, 3
        connection.sendall(struct.pack("<IIIHH4x", 0, command_id, 20, incompatible, version))
        connection.recv(1)


def test_nobody_there() -> None:
    """A closed port is an error that names the address and the remedy, at once."""
    began = time.monotonic()
    with pytest.raises(ArmError, match=rf"{HOST}:1337.*FCI") as caught:
        FrankyArm(HOST, SOON)
    assert caught.value.code is MotionCode.CONNECTION_LOST
    assert time.monotonic() - began < 10


def test_an_address_without_a_route_times_out() -> None:
    """A host that never answers (TEST-NET-1) is an error within the time-out."""
    began = time.monotonic()
    with pytest.raises(ArmError, match=r"192\.0\.2\.1"):
        FrankyArm("192.0.2.1", SOON)
    assert time.monotonic() - began < 10


def test_a_server_that_says_nothing() -> None:
    """An open port that does not speak the protocol is an error within the time-out."""
    began = time.monotonic()
    with listening(), pytest.raises(ArmError, match="did not answer as a Franka robot"):
        FrankyArm(HOST, SOON)
    assert time.monotonic() - began < 10


def test_another_version() -> None:
    """A control box of another system version is an error that says so."""

    def answer(server: socket.socket) -> None:
        server.accept()[0].close()  # the probe
        answer_as_another_version(server)

    with listening() as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        with pytest.raises(ArmError, match="different versions"):
            FrankyArm(HOST, SOON)
        thread.join(5)


def test_a_box_that_is_busy_at_first() -> None:
    """Who is turned away because too many wait is heard when he comes again."""
    patient = FrankySettings(connect_timeout=10.0)

    def answer(server: socket.socket) -> None:
        time.sleep(1.2)  # longer than libfranka waits; the probe fills the queue meanwhile
        server.accept()[0].close()
        answer_as_another_version(server)

    with listening(waiting=0) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        with pytest.raises(ArmError, match="different versions"):
            FrankyArm(HOST, patient)
        thread.join(5)


def test_an_arm_that_is_taken(arm: FrankyArm, simulation: Any) -> None:
    """A second client of the same arm is told that another may hold it."""
    with pytest.raises(ArmError, match="another client"):
        FrankyArm(simulation.hostname, SOON)
    assert arm.execute([0.01, 0, 0, 0, 0, 0, 0]).code is MotionCode.REACHED


def test_who_gave_up_hangs_up(simulate: Any) -> None:
    """Served at last, an attempt that nobody waits for any more does not keep the arm."""
    simulation = simulate()
    first = FrankyArm(simulation.hostname)
    with pytest.raises(ArmError, match="another client") as refused:  # and hold its frames
        FrankyArm(simulation.hostname, SOON)
    first.close()
    FrankyArm(simulation.hostname, FrankySettings(connect_timeout=20.0)).close()
    assert refused.value.code is MotionCode.CONNECTION_LOST
