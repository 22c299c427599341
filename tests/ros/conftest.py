"""Real nodes in this process or beside it, each test module in a ROS domain of its own."""

from __future__ import annotations

import gc
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import rclpy
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter

from vjepa2_node.calls import call, result_of
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.threaded_action_client import ThreadedActionClient

WAIT = 30.0
"""Seconds after which something that is awaited counts as missing."""

RCLError = rclpy_implementation.RCLError
MakeNode = Callable[..., ManagedNode]


class Graph:
    """A ROS context with a client node; nodes added to it spin on one background thread."""

    def __init__(self) -> None:
        # Action servers hold their node, and with it a participant that is discovered, for as long
        # as pytest holds the last test's fixtures, and lifecycle nodes hold themselves.
        gc.collect()
        self.context = Context()
        rclpy.init(context=self.context)
        self._executor = SingleThreadedExecutor(context=self.context)
        self.client = Node("test_client", context=self.context)
        self._executor.add_node(self.client)
        self._nodes: list[ManagedNode] = []
        self._closing = False
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def add(self, make: MakeNode, active: bool = True, **parameters: Any) -> Any:
        """A node made by `make`, with parameters; configured and activated unless told not to."""
        node = make(
            context=self.context,
            parameter_overrides=[RosParameter(k, value=v) for k, v in parameters.items()],
        )
        self._nodes.append(node)
        self._executor.add_node(node)
        if active:
            self.change(node.get_name(), Transition.TRANSITION_CONFIGURE)
            self.change(node.get_name(), Transition.TRANSITION_ACTIVATE)
        return node

    def change(self, node: str, transition: int, expected: bool = True) -> None:
        """Ask a node for a life cycle transition, and assert that it succeeds, or does not."""
        request = ChangeState.Request(transition=Transition(id=transition))
        assert self.call(ChangeState, f"{node}/change_state", request).success is expected

    def call(self, kind: Any, name: str, request: Any) -> Any:
        """The response of a service."""
        client = self.client.create_client(kind, name)
        try:
            return call(client, request, WAIT)
        finally:
            self.client.destroy_client(client)

    def send(self, kind: Any, name: str, goal: Any, feedback: Any = None) -> Any:
        """Handle of an accepted action goal."""
        client = ThreadedActionClient(self.client, kind, name)
        assert client.wait_for_server(WAIT), f"no action server {name}"
        handle = result_of(client.send_goal_async(goal, feedback), WAIT, name)
        assert handle.accepted
        return handle

    def result(self, handle: Any, timeout: float = WAIT) -> Any:
        """Result message of an action goal; `result_status` has its status too."""
        return self.result_status(handle, timeout).result

    def result_status(self, handle: Any, timeout: float = WAIT) -> Any:
        """Response with `status` and `result` of an action goal."""
        return result_of(handle.get_result_async(), timeout, "action")

    def run(self, kind: Any, name: str, goal: Any) -> Any:
        """Result message of an action."""
        return self.result(self.send(kind, name, goal))

    def collect(self, kind: Any, topic: str, qos: Any) -> Inbox:
        """Messages of a topic from now on."""
        return Inbox(self.client, kind, topic, qos)

    def close(self) -> None:
        """End all nodes."""
        self._closing = True
        for node in reversed(self._nodes):
            node.close()
        self.context.try_shutdown()
        self._thread.join(timeout=WAIT)
        # Or the next graph of this process would still find their services, which answer nobody.
        for node in (*self._nodes, self.client):
            self._executor.remove_node(node)
            node.destroy_node()
        self._nodes.clear()
        self._executor.shutdown()  # which lets go of whatever it has waited for

    def _spin(self) -> None:
        while self.context.ok():
            try:
                self._executor.spin_once()
            except ExternalShutdownException:
                return
            except RCLError:
                # Else it has met what was ended in between. Nodes that close still need it.
                if self.context.ok() and not self._closing:
                    raise


class Inbox:
    """Messages that arrived on a topic, and a way to await one."""

    def __init__(self, node: Node, kind: Any, topic: str, qos: Any) -> None:
        self.messages: list[Any] = []
        self._arrived = threading.Condition()
        self._subscription = node.create_subscription(kind, topic, self._keep, qos)

    def found(self, timeout: float = WAIT) -> Inbox:
        """This, once a publisher and the subscription have found each other."""
        deadline = time.monotonic() + timeout
        while not self._subscription.get_publisher_count():
            assert time.monotonic() < deadline, f"nobody publishes {self._subscription.topic_name}"
            time.sleep(0.02)  # discovery has no event to wait for
        return self

    def until(self, wanted: Callable[[Any], bool] = lambda _: True, timeout: float = WAIT) -> Any:
        """The first message, also of those that have arrived, that is wanted."""
        with self._arrived:
            found = self._arrived.wait_for(
                lambda: next((m for m in self.messages if wanted(m)), None), timeout
            )
        assert found is not None, f"{len(self.messages)} messages, none as wanted"
        return found

    def next(self, count: int = 1, timeout: float = WAIT) -> Sequence[Any]:
        """The `count` messages that arrive next."""
        with self._arrived:
            start = len(self.messages)
            assert self._arrived.wait_for(lambda: len(self.messages) >= start + count, timeout)
            return self.messages[start : start + count]

    def _keep(self, message: Any) -> None:
        with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()


@pytest.fixture(scope="module")
def domain(request: pytest.FixtureRequest) -> Iterator[int]:
    """ROS_DOMAIN_ID of the test module: set for it and for the processes that it starts."""
    number = 1 + zlib.crc32(f"{request.module.__name__}{os.getpid()}".encode()) % 100
    before = dict(os.environ)
    os.environ["ROS_DOMAIN_ID"] = str(number)
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    yield number
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def graph(domain: int) -> Iterator[Graph]:
    """A graph without nodes."""
    graph = Graph()
    yield graph
    graph.close()
