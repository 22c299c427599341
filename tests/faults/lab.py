"""A stack whose every node is a process of its own, and faults injected into it as it moves."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter as RosParameter

from tests.faults.command_log import CommandLog
from tests.faults.matrix import SLACK, STEP, TimeOut
from tests.faults.switches import Switches
from tests.faults.track import SimulatorTrack, StateTrack, Track, held_after
from tests.ros.conftest import Graph
from tests.system.conftest import Lab
from vjepa2_bringup.child_environment import child_environment
from vjepa2_bringup.lifecycle_manager import LifecycleManager
from vjepa2_bringup.node_process import NodeProcess
from vjepa2_bringup.node_table import NodeSpec
from vjepa2_bringup.runner import Stack
from vjepa2_msgs.action import ExecuteDelta
from vjepa2_msgs.msg import MotionReport, Outcome, TaskCode
from vjepa2_msgs.srv import Recover
from vjepa2_node import names

SEED = 31
BUDGET = 40
END = 60.0
"""The longest that a task may take to end after a fault [s]."""


@dataclass(frozen=True)
class Injected:
    """What came of a fault.

    result: of the task. told, held: seconds from the fault to the end of the task, and to the last
    movement. commands: that reached the bridge after the fault.
    """

    result: Any
    told: float
    held: float
    commands: int

    @property
    def code(self) -> str:
        """Names of the task's code, of its outcome, and of a motion's code in it."""
        outcome = self.result.outcome
        parts = [name_of(TaskCode, self.result.code.code)]
        if outcome.outcome != Outcome.UNKNOWN:
            parts.append(name_of(Outcome, outcome.outcome))
        return ", ".join(parts)

    def check(self, timeout: TimeOut, commands: int = 0) -> None:
        """Assert that the arm held in time, and that no more commands followed."""
        assert self.held < timeout.seconds + SLACK, f"moved for {self.held:.2f} s"
        assert self.commands <= commands, f"{self.commands} commands after the fault"


class Running:
    """A task in progress, with all that is measured of it."""

    def __init__(self, lab: FaultLab, track: Track | None = None) -> None:
        self._lab = lab
        goal = lab.set_up(SEED)
        self.states = StateTrack(lab.graph)
        self._track = track or self.states
        self._log = CommandLog(lab.graph)
        self.feedback: SimpleQueue[Any] = SimpleQueue()
        self.task = lab.start(goal, BUDGET, self.feedback.put)
        self.feedback.get(timeout=END)

    def step(self) -> Any:
        """The next that ends."""
        return self.feedback.get(timeout=END).feedback.step

    def end(self, injected: float) -> Injected:
        """Wait for the end of the task, and for a second in which the arm holds."""
        result = self._lab.graph.result(self.task, END)
        ended = time.monotonic()
        held, commands = held_after(self._track, injected, ended), self.commands(injected)
        self.close()
        return Injected(result, ended - injected, held, commands)

    def held(self, injected: float) -> float:
        """See `held_after`, for a task that goes on while the arm holds."""
        return held_after(self._track, injected, time.monotonic())

    def commands(self, injected: float) -> int:
        """How many have reached the bridge since then."""
        return self._log.since(injected)

    def close(self) -> None:
        """Measure no more."""
        self._log.close()
        self._track.close()
        if self._track is not self.states:
            self.states.close()


class FaultLab(Lab):
    """A stack of processes, a client of it, and faults.

    log_folder, domain: of the stack, for processes that are started anew.
    """

    def __init__(
        self, stack: Stack, graph: Graph, log_folder: Path, domain: int, switches: Switches
    ) -> None:
        super().__init__(stack, graph, [])
        self.switches = switches
        self._log_folder, self._domain = log_folder, domain

    def inject(
        self, fault: Callable[[], object], timeout: TimeOut = STEP, commands: int = 0
    ) -> Injected:
        """Start a task, spoil it while the arm moves, and see what becomes of both.

        Asserts that the arm holds in time, and that at most so many commands follow.
        """
        return self._injected(Running(self), fault, timeout, commands)

    def inject_unseen(self, fault: Callable[[], object], timeout: TimeOut) -> Injected:
        """The same for a fault after which the bridge tells nothing: by the simulator's word."""
        return self._injected(Running(self, SimulatorTrack(self.graph)), fault, timeout, 0)

    def works(self, budget: int = 1) -> None:
        """Assert that the next task is carried out."""
        result = self.graph.result(self.start(self.set_up(SEED), budget), END)
        assert (result.code.code, result.steps) == (0, budget), result.message

    def recover(self) -> Any:
        """What came of the service."""
        return self.graph.call(Recover, names.RECOVER, Recover.Request())

    def command(
        self,
        delta: list[float],
        age: float = 0.0,
        sequence: int | None = None,
        frame: str = "",
        start: list[float] | None = None,
    ) -> MotionReport:
        """Report of a command straight to the bridge, as from a client that knows no limits."""
        now = self.graph.client.get_clock().now().nanoseconds
        goal = ExecuteDelta.Goal(delta=delta, sequence=now if sequence is None else sequence)
        issued = now - int(age * 1e9)
        goal.header.stamp.sec, goal.header.stamp.nanosec = divmod(issued, 10**9)
        goal.header.frame_id = frame
        if start is not None:
            goal.has_start, goal.start = True, start
        return self.graph.run(ExecuteDelta, names.EXECUTE_DELTA, goal).report

    def set(self, node: str, name: str, value: Any) -> None:
        """Change a parameter of a node."""
        parameter = RosParameter(name, value=value).to_parameter_msg()
        request = SetParameters.Request(parameters=[parameter])
        answer = self.graph.call(SetParameters, f"{node}/set_parameters", request)
        assert answer.results[0].successful, answer.results[0].reason

    def pid(self, executable: str) -> int:
        """Process id of a part of the stack, of the one that lives."""
        (process,) = (
            p for p in self.stack.processes if p.spec.executable == executable and not p.has_ended
        )
        return int(process.pid)

    def kill(self, executable: str) -> None:
        """At once."""
        os.kill(self.pid(executable), signal.SIGKILL)

    def revive(self, executable: str) -> None:
        """Start a process of the stack anew, as a supervisor would, and bring its nodes up."""
        self.add(next(s for s in self.stack.specs if s.executable == executable))

    def add(self, spec: NodeSpec) -> None:
        """Start one more process, which ends with the stack, and bring its nodes up."""
        environment = child_environment(os.environ, self._domain, self._log_folder)
        path = self._log_folder / f"{spec.executable}_again.log"

        def log(line: str) -> None:
            with path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

        process = NodeProcess(spec, environment, log, lambda _: None)
        self.stack.processes = (*self.stack.processes, process)
        LifecycleManager(self.graph.client, spec.nodes).bring_up(lambda: process.has_ended)

    def _injected(
        self, running: Running, fault: Callable[[], object], timeout: TimeOut, commands: int
    ) -> Injected:
        try:
            running.states.await_moving()
            moment = time.monotonic()
            fault()
            injected = running.end(moment)
        finally:
            running.task.cancel_goal_async()
        injected.check(timeout, commands)
        return injected


def name_of(kind: Any, value: int) -> str:
    """The constant of a message that has a value."""
    return next(n for n in dir(kind) if n.isupper() and getattr(kind, n) == value)
