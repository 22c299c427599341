"""Runs nodes in this process until a signal ends it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence

import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.logging import get_logger

from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.parameters import ParameterError

BAD_PARAMETER = 2
LOOK_UP = 0.5  # s
RCLError = rclpy_implementation.RCLError
logger = get_logger("run_nodes")


def run_nodes(
    make: Callable[[], Sequence[ManagedNode]], arguments: Sequence[str] | None = None
) -> int:
    """Spin the nodes that `make` makes until SIGINT or SIGTERM; returns the exit status.

    A parameter that is not allowed, or a parameter file that ROS cannot read, is one line on
    stderr and status 2. One thread serves all callbacks of all nodes: none of them works or waits,
    so none holds up another.
    """
    try:
        rclpy.init(args=arguments)
    except RCLError as error:
        # What follows is a place in the source of ROS.
        reason, *_ = " ".join(str(error).split()).split(", at /")
        print(f"error: {reason}; correct it there", file=sys.stderr)
        return BAD_PARAMETER
    nodes: Sequence[ManagedNode] = ()
    try:
        nodes = make()
        executor = SingleThreadedExecutor()
        for node in nodes:
            executor.add_node(node)
        # rclpy wakes the executor just before it ends the context on a signal: one that looks in
        # between would sleep on, for good. It is made to look again.
        clock = Clock(clock_type=ClockType.STEADY_TIME)
        nodes[0].create_timer(LOOK_UP, lambda: None, clock=clock)
        _spin(executor)
    except ParameterError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_PARAMETER
    except (KeyboardInterrupt, ExternalShutdownException):
        logger.info("shutting down")
    finally:
        for node in reversed(nodes):
            node.close()
        rclpy.try_shutdown()
    return 0


def _spin(executor: SingleThreadedExecutor) -> None:
    while rclpy.ok():
        try:
            executor.spin_once()
        except (KeyboardInterrupt, ExternalShutdownException):
            raise
        except Exception:
            # One bad message must not take a node down that holds an arm. After a signal, nothing
            # can be published any more, so that whatever was going on fails.
            if rclpy.ok():
                logger.error(f"a callback failed:\n{traceback.format_exc()}")
