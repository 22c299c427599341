"""The security policy of the graph, observed: it starts all nodes, with a simulated arm.

`python -m vjepa2_bringup.write_policy > security/policy.xml`; `namespace:=lab` for that of a stack
in a namespace.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from rclpy.node import Node

from vjepa2_bringup.arguments import Arguments
from vjepa2_bringup.node_rights import observed_rights, own_rights
from vjepa2_bringup.node_table import NodeSpec, node_names, nodes
from vjepa2_bringup.runner import Stack
from vjepa2_bringup.security_policy import manager, operator, policy, sharing
from vjepa2_bringup.spinning_node import spinning_node
from vjepa2_bringup.up import parse
from vjepa2_sim.own_address import own_address

MANAGERS = ("lifecycle_manager", "stack")
"""Of a launch file, and of `vjepa2 up`."""
STEADY = 3.0
"""The graph is complete when it has not changed for so long [s]."""
PERIOD = 0.25  # s
PATIENCE = 60.0  # s


@contextmanager
def observed_stack(arguments: Arguments) -> Iterator[Callable[[], str | None]]:
    """Runs a stack with these arguments and each node apart.

    Gives a function that tells the policy, as XML, for what is seen of the graph at that moment;
    None as long as a node is not seen at all.
    """
    apart = replace(arguments, composed=False, robot_address=own_address())
    with TemporaryDirectory() as folder:
        camera = _camera(apart, Path(folder) / "camera.avi")
        table = [*nodes(apart), camera]
        with (
            Stack(apart, log_folder=Path(folder), table=lambda _: table),
            spinning_node("observer", camera.namespace) as observer,
        ):
            yield lambda: _policy_now(observer, node_names(table), nodes(arguments))


def _policy_now(
    observer: Node, names: Sequence[str], usual_table: Sequence[NodeSpec]
) -> str | None:
    seen = observed_rights(observer, names)
    if len(seen) < len(names):
        return None
    plain = own_rights(observer)
    together = [spec for spec in usual_table if len(spec.nodes) > 1]
    return policy(
        [
            *seen,
            *(right for spec in together for right in sharing(seen, spec.nodes, spec.enclave)),
            *(manager(plain, name, seen) for name in MANAGERS),
            operator(plain, seen),
        ]
    )


def steady_policy(read: Callable[[], str | None]) -> str:
    """What `read` tells once it tells the same for a while; TimeoutError if that never happens."""
    last, since, end = read(), time.monotonic(), time.monotonic() + PATIENCE
    while last is None or time.monotonic() - since < STEADY:
        if time.monotonic() > end:
            raise TimeoutError(f"within {PATIENCE:g} s not all nodes were seen on the graph")
        time.sleep(PERIOD)
        now = read()
        if now != last:
            last, since = now, time.monotonic()
    return last


def _camera(arguments: Arguments, video: Path) -> NodeSpec:
    """The camera node, which a simulation does without, with a picture to show."""
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (64, 64))
    writer.write(np.zeros((64, 64, 3), np.uint8))
    writer.release()
    real = replace(
        arguments, backend="real", dry_run=True, camera_source="video", camera_device=str(video)
    )
    return next(spec for spec in nodes(real) if spec.executable == "camera")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write it to stdout."""
    given = parse(sys.argv[1:] if arguments is None else arguments)
    with observed_stack(given) as read:
        sys.stdout.write(steady_policy(read))
    return 0


if __name__ == "__main__":
    sys.exit(main())
