"""The lifecycle manager with real nodes, and as a node of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import Any

import pytest
from lifecycle_msgs.msg import Transition, TransitionEvent

from vjepa2_bringup.lifecycle_manager import REFUSED, LifecycleError, LifecycleManager
from vjepa2_node import qos
from vjepa2_node.managed_node import ManagedNode

WAIT = 30.0


class Recorder(ManagedNode):
    """Appends its steps to a list that it shares with others."""

    def __init__(self, name: str, steps: list[str], refuses: str = "", **options: Any) -> None:
        super().__init__(name, (), **options)
        self._steps = steps
        self._refuses = refuses

    def configure(self) -> None:
        self._step("configure")

    def activate(self) -> None:
        self._step("activate")

    def deactivate(self) -> None:
        self._step("deactivate")

    def _step(self, step: str) -> None:
        if step == self._refuses:
            raise RuntimeError("not today")
        self._steps.append(f"{self.get_name()} {step}")


@pytest.fixture
def steps() -> list[str]:
    return []


def add(graph: Any, steps: list[str], name: str, refuses: str = "") -> Recorder:
    node: Recorder = graph.add(
        lambda **options: Recorder(name, steps, refuses, **options), active=False
    )
    return node


def test_up_in_order_and_down_in_reverse(graph: Any, steps: list[str]) -> None:
    """A node is active before the next one is configured; what is up already stays so."""
    for name in ("one", "two"):
        add(graph, steps, name)
    graph.change("one", Transition.TRANSITION_CONFIGURE)
    told: list[str] = []
    manager = LifecycleManager(graph.client, ["one", "two"], told.append, up_timeout=WAIT)
    manager.bring_up()
    expected = ["one configure", "one activate", "two configure", "two activate"]
    assert steps == expected
    manager.bring_up()
    assert steps == expected
    assert told.count("two: active") == 2 and told.count("two: configure") == 1
    assert manager.bring_down() == []
    assert steps[4:] == ["two deactivate", "one deactivate"]
    assert manager.bring_down() == []


def test_a_refusal_names_node_and_step(graph: Any, steps: list[str]) -> None:
    """Nodes after it are left alone."""
    add(graph, steps, "one")
    add(graph, steps, "two", refuses="activate")
    add(graph, steps, "three")
    manager = LifecycleManager(graph.client, ["one", "two", "three"], up_timeout=WAIT)
    with pytest.raises(LifecycleError, match="two refused to activate") as caught:
        manager.bring_up()
    assert caught.value.node == "two"
    assert steps == ["one configure", "one activate", "two configure"]
    assert manager.bring_down() == []
    assert steps[-1] == "one deactivate"


def test_a_missing_node_is_named(graph: Any, steps: list[str]) -> None:
    """After the time-out, or at once when it is known to have ended."""
    add(graph, steps, "one")
    with pytest.raises(LifecycleError, match="nobody: service nobody/get_state did not appear"):
        LifecycleManager(graph.client, ["one", "nobody"], up_timeout=1.0).bring_up()
    manager = LifecycleManager(graph.client, ["one", "nobody"], up_timeout=10 * WAIT)
    with pytest.raises(LifecycleError, match="nobody"):
        manager.bring_up(interrupted=lambda: True)
    faults = manager.bring_down()
    assert [fault.node for fault in faults] == ["nobody"]
    assert manager.bring_down(gone=lambda name: name == "nobody") == []


def test_a_finalized_node_cannot_come_up(graph: Any, steps: list[str]) -> None:
    """Its state is told."""
    add(graph, steps, "one")
    graph.change("one", Transition.TRANSITION_UNCONFIGURED_SHUTDOWN)
    with pytest.raises(LifecycleError, match="one is finalized and cannot become active"):
        LifecycleManager(graph.client, ["one"], up_timeout=WAIT).bring_up()


def start_manager(*names: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "vjepa2_bringup.lifecycle_manager", "--ros-args"),
            *("-p", f"node_names:=[{', '.join(names)}]"),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )


def test_as_a_node_it_ends_what_it_began(graph: Any, steps: list[str]) -> None:
    """Up at once, down on SIGINT, with status 0."""
    for name in ("one", "two"):
        add(graph, steps, name)
    events = graph.collect(TransitionEvent, "two/transition_event", qos.EVENTS)
    manager = start_manager("one", "two")
    try:
        events.until(lambda event: event.goal_state.label == "active")
        manager.send_signal(signal.SIGINT)
        assert manager.wait(WAIT) == 0
    finally:
        manager.kill()
        manager.communicate()
    assert steps[-2:] == ["two deactivate", "one deactivate"]


def test_as_a_node_it_tells_who_refused(graph: Any, steps: list[str]) -> None:
    """With a status of its own, and all brought down again."""
    add(graph, steps, "one")
    add(graph, steps, "two", refuses="configure")
    manager = start_manager("one", "two")
    try:
        _, errors = manager.communicate(timeout=WAIT)
    finally:
        manager.kill()
    assert manager.returncode == REFUSED
    assert "two refused to configure" in errors
    assert steps[-1] == "one deactivate"
