"""The life cycle of a node, and its work outside of callbacks."""

from __future__ import annotations

import threading
import time
from typing import Any

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import GetState
from std_msgs.msg import Empty

from tests.ros.conftest import WAIT, Graph
from vjepa2_msgs.srv import ListTasks
from vjepa2_node.calls import is_found
from vjepa2_node.managed_node import ManagedNode


class Worker(ManagedNode):
    """Lists its tasks once its gate is open; fails in the transition `failing`."""

    def __init__(self, failing: str = "", **options: Any) -> None:
        super().__init__("worker", (), **options)
        self.gate = threading.Event()
        self.failing = failing
        self.calls: list[str] = []
        self.create_service(ListTasks, "list", self._on_list, callback_group=self.waiting)
        self.create_subscription(Empty, "ping", self._on_ping, 1, callback_group=self.quick)
        self.pong = self.create_publisher(Empty, "pong", 1)

    def configure(self) -> None:
        self._note("configure")

    def activate(self) -> None:
        self._note("activate")

    def deactivate(self) -> None:
        self._note("deactivate")

    def cleanup(self) -> None:
        self._note("cleanup")

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if call == self.failing:
            raise RuntimeError(f"no {call} today")

    async def _on_list(
        self, request: ListTasks.Request, response: ListTasks.Response
    ) -> ListTasks.Response:
        response.tasks = await self.submit(self._work)
        return response

    def _work(self) -> list[str]:
        assert self.gate.wait(WAIT)
        return [threading.current_thread().name]

    def _on_ping(self, message: Empty) -> None:
        self.pong.publish(message)


def _state(graph: Graph) -> int:
    return int(graph.call(GetState, "worker/get_state", GetState.Request()).current_state.id)


def test_work_does_not_hold_up_callbacks(graph: Graph) -> None:
    """While a service works, another callback of the same node is served."""
    node = graph.add(Worker)
    pongs = graph.collect(Empty, "pong", 1)
    listing = graph.client.create_client(ListTasks, "list")
    assert is_found(listing, WAIT)
    answered = threading.Event()
    future = listing.call_async(ListTasks.Request())
    future.add_done_callback(lambda _: answered.set())
    ping = graph.client.create_publisher(Empty, "ping", 1)
    while not pongs.messages:  # until the two have found each other
        ping.publish(Empty())
        answered.wait(0.05)
    assert not answered.is_set()
    node.gate.set()
    assert answered.wait(WAIT)
    assert future.result().tasks[0].startswith("worker")


def test_the_life_cycle_calls_in_order(graph: Graph) -> None:
    """Configure, activate, deactivate, cleanup; and the node says where it is."""
    node = graph.add(Worker)
    assert node.is_active
    assert _state(graph) == State.PRIMARY_STATE_ACTIVE
    graph.change("worker", Transition.TRANSITION_DEACTIVATE)
    graph.change("worker", Transition.TRANSITION_CLEANUP)
    assert node.calls == ["configure", "activate", "deactivate", "cleanup"]
    assert _state(graph) == State.PRIMARY_STATE_UNCONFIGURED
    assert not node.is_active and not node.is_configured


def test_a_refused_configure_leaves_it_unconfigured(graph: Graph) -> None:
    """What it had taken hold of is released, and it can be tried again."""
    node = graph.add(lambda **o: Worker("configure", **o), active=False)
    graph.change("worker", Transition.TRANSITION_CONFIGURE, expected=False)
    assert node.calls == ["configure", "cleanup"]
    assert _state(graph) == State.PRIMARY_STATE_UNCONFIGURED
    node.failing = ""
    graph.change("worker", Transition.TRANSITION_CONFIGURE)
    assert node.is_configured


def test_a_refused_activate_leaves_it_inactive(graph: Graph) -> None:
    """It stays configured."""
    node = graph.add(lambda **o: Worker("activate", **o), active=False)
    graph.change("worker", Transition.TRANSITION_CONFIGURE)
    graph.change("worker", Transition.TRANSITION_ACTIVATE, expected=False)
    assert _state(graph) == State.PRIMARY_STATE_INACTIVE
    assert node.is_configured and not node.is_active


def test_closing_an_active_node_deactivates_it_first(graph: Graph) -> None:
    """As when a signal ends its process."""
    node = graph.add(Worker)
    node.close()
    assert node.calls == ["configure", "activate", "deactivate", "cleanup"]


def test_a_node_that_was_closed_is_not_found_while_something_holds_it(
    graph: Graph, domain: int
) -> None:
    """A client elsewhere sees its life cycle service come and, when it is closed, go."""
    other = Graph()
    held = other.add(Worker, active=False)
    client = graph.client.create_client(GetState, "worker/get_state")
    assert is_found(client, WAIT)
    other.close()
    deadline = time.monotonic() + WAIT
    while client.wait_for_service(0.05) and time.monotonic() < deadline:
        pass
    assert not client.service_is_ready(), f"{held.get_name()} is still found"
