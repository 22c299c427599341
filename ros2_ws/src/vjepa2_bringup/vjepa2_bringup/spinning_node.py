"""A ROS node for code that is no node: it spins beside the thread that uses it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import rclpy
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node

RCLError = rclpy_implementation.RCLError
END_TIMEOUT = 10.0  # s


@contextmanager
def spinning_node(
    name: str,
    namespace: str = "",
    domain: int | None = None,
    arguments: Sequence[str] = (),
) -> Iterator[Node]:
    """A node in a context of its own, served by a background thread until the block ends.

    arguments: a command line with `--ros-args`. domain: ROS_DOMAIN_ID, by default the
    environment's. Signals stay with the caller, who may still need the node to end in order.
    """
    context = Context()
    rclpy.init(args=list(arguments), context=context, domain_id=domain)
    try:
        node = Node(name, namespace=namespace or None, context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        thread = threading.Thread(target=_spin, args=(executor, context), name=name, daemon=True)
        thread.start()
        try:
            yield node
        finally:
            executor.shutdown(END_TIMEOUT)
            context.try_shutdown()
            thread.join(END_TIMEOUT)
            node.destroy_node()
    finally:
        context.try_shutdown()


def _spin(executor: SingleThreadedExecutor, context: Context) -> None:
    try:
        while context.ok():
            executor.spin_once()
    except (ExternalShutdownException, RCLError):
        if context.ok():  # else it was closed in between
            raise
