"""A commander that falls silent is noticed, one that takes its leave is not."""

from __future__ import annotations

import threading
from typing import Any

from tests.ros.commander_process import await_commanders, commander_process, let_hang
from tests.ros.conftest import WAIT, Graph
from vjepa2_node.commander_alive import CommanderAlive, CommanderWatch
from vjepa2_node.managed_node import ManagedNode


class Watcher(ManagedNode):
    """Notes silence."""

    def __init__(self, **options: Any) -> None:
        super().__init__("watcher", (), **options)
        self.silence = threading.Event()
        self.watch = CommanderWatch(self, self.quick, self.silence.set)


class Commander(ManagedNode):
    """Lives."""

    def __init__(self, **options: Any) -> None:
        super().__init__("commander", (), **options)
        self.alive = CommanderAlive(self, self.quick)


def test_a_killed_process_is_noticed(graph: Graph) -> None:
    """Not before it is killed."""
    watcher = graph.add(Watcher)
    with commander_process(watcher.watch) as process:
        assert not watcher.silence.is_set()
        process.kill()
        assert watcher.silence.wait(WAIT)


def test_an_executor_that_hangs_is_noticed(graph: Graph) -> None:
    """The process lives, and all the same nobody would answer."""
    watcher = graph.add(Watcher)
    with commander_process(watcher.watch) as process:
        assert not watcher.silence.is_set()
        let_hang(process)
        assert watcher.silence.wait(WAIT)
        assert process.poll() is None


def test_leaving_in_good_order_is_no_silence(graph: Graph) -> None:
    """A node that is taken off the graph lets the others move."""
    watcher = graph.add(Watcher)
    other = Graph()
    try:
        other.add(Commander)
        await_commanders(watcher.watch, 1)
    finally:
        other.close()
    await_commanders(watcher.watch, 0)
    assert not watcher.silence.is_set()
