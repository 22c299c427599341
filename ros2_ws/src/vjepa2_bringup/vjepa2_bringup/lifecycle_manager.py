"""Brings managed nodes up in order, and down in reverse."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.client import Client
from rclpy.node import Node
from rclpy.parameter import Parameter

from vjepa2_bringup.spinning_node import spinning_node
from vjepa2_node.calls import NoAnswerError, call, is_found

UP_TIMEOUT = 120.0
"""Seconds to wait for a node, and for each of its steps: a large world model takes its time."""
DOWN_TIMEOUT = 10.0
"""Seconds to wait for each step down."""
ASK_AGAIN = 5.0
"""Seconds without an answer after which a node is asked again for its state; see `call`."""
GONE_TIMEOUT = 1.0
"""Seconds after which a node that was there counts as gone."""
REFUSED = 2

Steps = dict[int, tuple[int, str]]
UP: Steps = {
    State.PRIMARY_STATE_UNCONFIGURED: (Transition.TRANSITION_CONFIGURE, "configure"),
    State.PRIMARY_STATE_INACTIVE: (Transition.TRANSITION_ACTIVATE, "activate"),
}
DOWN: Steps = {
    State.PRIMARY_STATE_ACTIVE: (Transition.TRANSITION_DEACTIVATE, "deactivate"),
    State.PRIMARY_STATE_INACTIVE: (Transition.TRANSITION_CLEANUP, "clean up"),
}


class LifecycleError(RuntimeError):
    """A node refused a transition or gave no answer; `node` is its name."""

    def __init__(self, node: str, message: str) -> None:
        super().__init__(message)
        self.node = node


class LifecycleManager:
    """Leads the nodes `names`, relative to the namespace of `node`, through their life cycle.

    `node` must spin on another thread. Each node is active before the next one is configured,
    since it may need the earlier ones at work to configure itself: the bridge connects to the
    robot that the simulation serves. `on_progress` is told of each step as it begins.
    """

    def __init__(
        self,
        node: Node,
        names: Sequence[str],
        on_progress: Callable[[str], object] = lambda line: None,
        up_timeout: float = UP_TIMEOUT,
    ) -> None:
        self._node = node
        self._names = tuple(names)
        self._on_progress = on_progress
        self._up_timeout = up_timeout

    def bring_up(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Make all nodes active; one that is active stays so.

        Raises LifecycleError for the first node that does not get there; those before it stay
        active. So it does, early, once `interrupted` is true.
        """
        for name in self._names:
            self._on_progress(f"{name}: waiting for it")
            state = self._lead(name, UP, self._up_timeout, self._up_timeout, interrupted)
            if state.id != State.PRIMARY_STATE_ACTIVE:
                raise LifecycleError(name, f"{name} is {state.label} and cannot become active")
            self._on_progress(f"{name}: active")

    def bring_down(self, gone: Callable[[str], bool] = lambda name: False) -> list[LifecycleError]:
        """Make all nodes unconfigured, as far as they are there; what went wrong.

        gone: whether a node of that name has ended, so that its answer is not awaited.
        """
        faults = []
        for name in reversed(self._names):
            if gone(name):
                continue
            try:
                self._lead(name, DOWN, GONE_TIMEOUT, DOWN_TIMEOUT, partial(gone, name))
            except LifecycleError as fault:
                faults.append(fault)
        return faults

    def _lead(
        self,
        name: str,
        steps: Steps,
        there_timeout: float,
        timeout: float,
        interrupted: Callable[[], bool],
    ) -> State:
        """The state in which no step is left to take."""

        def ask(kind: Any, service: str, request: Any, ask_again: float = math.inf) -> Any:
            client = self._node.create_client(kind, f"{name}/{service}")
            try:
                _wait_for(client, there_timeout, interrupted)
                return call(client, request, timeout, interrupted, ask_again)
            except NoAnswerError as error:
                raise LifecycleError(name, f"{name}: {error}") from error
            finally:
                self._node.destroy_client(client)

        while True:
            state = ask(GetState, "get_state", GetState.Request(), ASK_AGAIN).current_state
            if state.id not in steps:
                return state
            transition, step = steps[state.id]
            self._on_progress(f"{name}: {step}")
            request = ChangeState.Request(transition=Transition(id=transition))
            if not ask(ChangeState, "change_state", request).success:
                raise LifecycleError(name, f"{name} refused to {step}")


def _wait_for(client: Client, timeout: float, interrupted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + timeout
    while not is_found(client, 0.5):
        if interrupted() or time.monotonic() >= deadline:
            raise NoAnswerError(f"service {client.srv_name} did not appear within {timeout:g} s")


def main(arguments: Sequence[str] | None = None) -> int:
    """Node for launch files: brings `node_names` up at once, and down on SIGINT or SIGTERM.

    Status 0, or 2 when a node refuses.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        given = sys.argv if arguments is None else arguments
        with spinning_node("lifecycle_manager", arguments=given) as node:
            return _manage(node)
    except KeyboardInterrupt:
        return 0


def _manage(node: Node) -> int:
    described = ParameterDescriptor(
        description="managed nodes, in the order in which they are brought up", read_only=True
    )
    names = node.declare_parameter("node_names", Parameter.Type.STRING_ARRAY, described).value
    logger = node.get_logger()
    manager = LifecycleManager(node, names or (), logger.info)
    try:
        manager.bring_up()
        signal.pause()
    except LifecycleError as fault:
        logger.error(str(fault))
        return REFUSED
    finally:
        for left in manager.bring_down():
            logger.warning(str(left))
    return 0


if __name__ == "__main__":
    sys.exit(main())
