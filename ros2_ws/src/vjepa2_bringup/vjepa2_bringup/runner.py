"""Starts the processes of the node table without `ros2 launch`, brings them up, ends them."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType

from rclpy.node import Node

from vjepa2_bringup.child_environment import child_environment
from vjepa2_bringup.claim import claim
from vjepa2_bringup.lifecycle_manager import UP_TIMEOUT, LifecycleError, LifecycleManager
from vjepa2_bringup.middleware import middleware_settings
from vjepa2_bringup.node_process import NodeProcess, end_all
from vjepa2_bringup.node_table import Arguments, NodeSpec, node_names, nodes
from vjepa2_bringup.spinning_node import spinning_node

READING_TIMEOUT = 2.0
"""Seconds to wait for the last words of a process that has ended."""


class StackError(RuntimeError):
    """A process of the stack ended by itself, or a node did not come up; with its last words."""


def to_stderr(process: str, line: str) -> None:
    """Where output goes that is not kept elsewhere."""
    sys.stderr.write(f"{process} | {line}\n")


class Stack:
    """The graph of `arguments` as running processes, all nodes active; a context manager.

    log_folder: gets a file `<process>.log` of each process's output; without it the output goes
        to `on_output(process, line)`, which threads call.
    domain: ROS_DOMAIN_ID, by default the environment's.
    on_progress: is told each step of bringing up and down.
    up_timeout: seconds for each step of each node.
    table: what is started.

    To be entered on the main thread: the kernel ends the processes with the thread that started
    them, so that none outlives a runner that was killed.
    """

    def __init__(
        self,
        arguments: Arguments,
        *,
        log_folder: Path | None = None,
        domain: int | None = None,
        on_progress: Callable[[str], object] = lambda line: None,
        on_output: Callable[[str, str], object] = to_stderr,
        up_timeout: float = UP_TIMEOUT,
        table: Callable[[Arguments], Sequence[NodeSpec]] = nodes,
    ) -> None:
        self.specs = tuple(table(arguments))
        self.processes: tuple[NodeProcess, ...] = ()
        self._arguments = arguments
        self._log_folder = log_folder
        self._domain = domain
        self._on_progress = on_progress
        self._on_output = on_output
        self._up_timeout = up_timeout
        self._node: Node | None = None
        self._manager: LifecycleManager | None = None
        self._ends: SimpleQueue[NodeProcess] = SimpleQueue()
        self._resources = ExitStack()

    def __enter__(self) -> Stack:
        """Start all processes and bring up all nodes.

        Raises StackError, or ClaimedError beside another such stack, and leaves nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            raise StackError("a stack is to be started from the main thread")
        try:
            self._start()
            self._bring_up()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def check(self) -> None:
        """Raise StackError if a process has ended that is not optional."""
        for process in self.processes:
            if process.has_ended and not process.spec.optional:
                raise _ended(process)

    def wait(self, timeout: float | None = None) -> None:
        """Return after `timeout` seconds; raise StackError once a process has ended by itself.

        The end of an optional one is only told to `on_progress`.
        """
        try:
            process = self._ends.get(timeout=timeout)
        except Empty:
            return
        raise _ended(process)

    def close(self) -> None:
        """Bring the nodes down in reverse, then end the processes; safe to call twice.

        Interrupted once, it goes on with ending the processes; interrupted twice, it kills them.
        """
        try:
            if self._manager is not None:
                manager, self._manager = self._manager, None
                for fault in manager.bring_down(self._is_gone):
                    self._on_progress(str(fault))
        finally:
            try:
                end_all(self.processes)
            finally:
                for process in self.processes:
                    process.kill()
                self._resources.close()

    def _start(self) -> None:
        # Of this process, so that nodes made beside the stack reach as far as its own.
        os.environ.update(middleware_settings(os.environ, self._arguments.part == "all"))
        if self._log_folder is not None:
            self._log_folder.mkdir(parents=True, exist_ok=True)
        namespace, parts = self.specs[0].namespace, {spec.part for spec in self.specs}
        self._resources.enter_context(claim(namespace, sorted(parts), self._domain))
        enclave = ("--ros-args", "--enclave", "/stack")
        self._node = self._resources.enter_context(
            spinning_node("stack", namespace, self._domain, enclave)
        )
        self._manager = self._manager_of(self.specs)
        environment = child_environment(os.environ, self._domain, self._log_folder)
        for spec in self.specs:
            self._on_progress(f"{spec.executable}: starting")
            on_end = self._tell_end if spec.optional else self._ends.put
            process = NodeProcess(spec, environment, self._output_of(spec), on_end)
            self.processes += (process,)

    def _output_of(self, spec: NodeSpec) -> Callable[[str], object]:
        name = spec.executable
        if self._log_folder is None:
            return lambda line: self._on_output(name, line)
        file = self._resources.enter_context(
            (self._log_folder / f"{name}.log").open("a", buffering=1, encoding="utf-8")
        )
        return lambda line: None if file.closed else file.write(line + "\n")

    def _tell_end(self, process: NodeProcess) -> None:
        if self._manager is not None:  # else all of them are being ended
            self._on_progress(f"{_ended(process)}\nall others go on without it")

    def _bring_up(self) -> None:
        needed = [p for p in self.processes if not p.spec.optional]
        try:
            manager = self._manager_of(p.spec for p in needed)
            manager.bring_up(lambda: any(p.has_ended for p in needed))
        except LifecycleError as error:
            self.check()
            self.close()  # its last words are complete only after its end
            process = next(p for p in self.processes if error.node in p.spec.nodes)
            raise StackError(f"{error}; its last words:\n{process.last_words}") from error

        for process in self.processes:
            if process.spec.optional and not process.has_ended:
                self._bring_up_optional(process)

    def _bring_up_optional(self, process: NodeProcess) -> None:
        try:
            self._manager_of([process.spec]).bring_up(lambda: process.has_ended)
        except LifecycleError as error:
            self._on_progress(f"{error}; all others go on without it")

    def _manager_of(self, specs: Iterable[NodeSpec]) -> LifecycleManager:
        assert self._node is not None
        return LifecycleManager(self._node, node_names(specs), self._on_progress, self._up_timeout)

    def _is_gone(self, node: str) -> bool:
        return not any(node in p.spec.nodes and not p.has_ended for p in self.processes)


def _ended(process: NodeProcess) -> StackError:
    process.wait(READING_TIMEOUT)
    return StackError(
        f"{process.name} ended {process.status}; its last words:\n{process.last_words}"
    )
