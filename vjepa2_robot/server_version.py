"""The version of a control box's server, asked for in libfranka's protocol without libfranka."""

from __future__ import annotations

import socket
import struct

from vjepa2_robot.arm_driver import ArmError

ROBOT_PORT = 1337

CONNECT = 0
COMMAND_ID = 1
NO_LIBRARY = 0
"""The version of libfranka that is claimed: none, so that a control box takes no client on."""
HEADER = struct.Struct("<III")  # command, its id, bytes with this header
REQUEST = struct.Struct("<HH")  # version of the library, UDP port for the state
ANSWER = struct.Struct("<HH4x")  # whether they fit, version of the server


def server_version(host: str, timeout: float) -> int:
    """What the robot at `host` calls its server's version; nothing moves, and nothing is kept.

    Raises ArmError within about 2 `timeout` seconds.
    """
    place = f"{host}:{ROBOT_PORT}"
    try:
        with (
            socket.create_connection((host, ROBOT_PORT), timeout) as connection,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as states,
        ):
            states.bind((connection.getsockname()[0], 0))  # for one that takes any client on
            size, port = HEADER.size + REQUEST.size, states.getsockname()[1]
            header = HEADER.pack(CONNECT, COMMAND_ID, size)
            connection.sendall(header + REQUEST.pack(NO_LIBRARY, port))
            answer = _received(connection, HEADER.size + ANSWER.size)
    except TimeoutError as error:
        raise ArmError(
            f"{place} does not answer within {timeout:g} s; another client may hold the arm, or "
            "it is another kind of server"
        ) from error
    except OSError as error:
        raise ArmError(
            f"no robot at {place} ({error}); check the address, the network, and that FCI is "
            "activated in Desk"
        ) from error
    if HEADER.unpack(answer[: HEADER.size])[:2] != (CONNECT, COMMAND_ID):
        raise ArmError(f"{place} answers, but not as a Franka does; check the address")
    _, version = ANSWER.unpack(answer[HEADER.size :])
    return int(version)


def _received(connection: socket.socket, size: int) -> bytes:
    """Exactly so many bytes; ConnectionError where the other side ends before."""
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("it closed the connection without an answer")
        data += piece
    return data
