"""World model, planner and the clock of their host fail, or a person interrupts the task."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from rosgraph_msgs.msg import Clock

from tests.faults.conftest import WORLD_MODEL_TIMEOUT
from tests.faults.faulty_world_model import DELAY, HANG, HANGS, NAN, SLOW
from tests.faults.lab import FaultLab, Running, name_of
from tests.faults.matrix import AT_ONCE, STEP, Matrix, Row, TimeOut
from tests.ros.conftest import Graph
from vjepa2_msgs.msg import MotionCode, Outcome, TaskCode, TaskStatus
from vjepa2_node import names
from vjepa2_node.commander_alive import SILENCE
from vjepa2_node.qos import LATCHED
from vjepa2_node.stamps import NANOSECONDS

pytestmark = pytest.mark.long

SILENT = TimeOut(SILENCE, "silence of a commander")
TIME_BUDGET = 0.8
SLOWLY, AS_BEFORE = 0.02, 0.5
"""Speed factors: a step has to outlast the silence; and that of preset demo_sim."""
JUMP = 5.0


@pytest.fixture
def slow_arm(lab: FaultLab) -> Iterator[None]:
    """So slow that a step would go on for longer than its commander may be silent."""
    lab.set("franka_bridge", "limits.speed_factor", SLOWLY)
    yield
    lab.set("franka_bridge", "limits.speed_factor", AS_BEFORE)


@pytest.mark.usefixtures("slow_arm")
def test_killed_planner(lab: FaultLab, matrix: Matrix) -> None:
    """The robot's side notices the silence by itself, and stops the motion that is under way."""
    injected = lab.inject(lambda: lab.kill("planner"), SILENT)
    assert injected.result.code.code == TaskCode.PLANNER_LOST, injected.result.message
    lab.revive("planner")
    lab.works()
    matrix.add(
        Row(
            f"planner killed (arm at {SLOWLY:g} of its speed)",
            "stops in mid-step",
            injected.code,
            "start it anew, then the next task",
            SILENT,
            injected.told,
            injected.held,
        )
    )


@pytest.mark.usefixtures("slow_arm")
def test_hanging_planner(lab: FaultLab, matrix: Matrix) -> None:
    """Its process is stopped, as a debugger or a machine without memory does, and goes on."""
    pid = lab.pid("planner")
    go_on = threading.Timer(3.0, lambda: os.kill(pid, signal.SIGCONT))

    def hang() -> None:
        os.kill(pid, signal.SIGSTOP)
        go_on.start()

    try:
        injected = lab.inject(hang, SILENT)
    finally:
        go_on.join()
    outcome = injected.result.outcome
    assert (outcome.outcome, outcome.detail) == (Outcome.MOTION_FAILED, MotionCode.STOPPED)
    lab.works()
    matrix.add(
        Row(
            f"planner hangs for 3 s (arm at {SLOWLY:g} of its speed)",
            "stops in mid-step",
            f"{injected.code}, STOPPED",
            "none needed: the next task",
            SILENT,
            injected.told,
            injected.held,
        )
    )


def test_killed_world_model(lab: FaultLab, matrix: Matrix) -> None:
    """While the arm moves; started anew, it knows no latent of before."""
    injected = lab.inject(lambda: lab.kill("world_model"))
    assert injected.result.outcome.outcome == Outcome.WORLD_MODEL_LOST, injected.result.message
    lab.revive("world_model")
    lab.works()
    matrix.add(
        Row(
            "world model killed",
            "ends the step, holds",
            injected.code,
            "start it anew, then the next task",
            STEP,
            injected.told,
            injected.held,
        )
    )


def test_world_model_killed_and_restarted_in_a_plan(lab: FaultLab, matrix: Matrix) -> None:
    """While it computes energies; the arm stands, and the plan is never carried out."""
    running = Running(lab)
    lab.switches.on(HANG)
    lab.switches.until(HANGS)
    moment = time.monotonic()
    lab.kill("world_model")
    lab.switches.all_off()
    lab.revive("world_model")
    injected = running.end(moment)
    injected.check(AT_ONCE)
    assert injected.result.outcome.outcome == Outcome.WORLD_MODEL_LOST, injected.result.message
    lab.works()
    matrix.add(
        Row(
            "world model killed in the middle of a plan, and started anew at once (told after: "
            "with its start)",
            "stands, and goes on standing",
            injected.code,
            "none needed: the next task",
            AT_ONCE,
            injected.told,
            injected.held,
        )
    )


def test_nan_energies(lab: FaultLab, matrix: Matrix) -> None:
    """No candidate is as good as any other where all are no number."""
    injected = lab.inject(lambda: lab.switches.on(NAN))
    assert injected.result.outcome.outcome == Outcome.PLANNING_FAILED, injected.result.message
    assert "TOO_FEW_FINITE_ENERGIES" in injected.result.message
    lab.switches.off(NAN)
    lab.works()
    matrix.add(
        Row(
            "all energies are NaN",
            "ends the step, holds",
            f"{injected.code}, TOO_FEW_FINITE_ENERGIES",
            "none needed: the next task, once energies are finite",
            STEP,
            injected.told,
            injected.held,
        )
    )


def test_slow_energies(lab: FaultLab, matrix: Matrix) -> None:
    """A plan that runs over its budget is cut, told of as incomplete, and carried out."""
    lab.set("planner", "time_budget", TIME_BUDGET)
    lab.set("planner", "far.time_budget", TIME_BUDGET)
    running = Running(lab)
    try:
        lab.switches.on(SLOW)
        step = running.step()
        while step.plan.complete:
            step = running.step()
        assert len(step.plan.refinements) >= 1
        # The first part of a plan is always carried out: one that takes long is waited for.
        assert step.plan.seconds < TIME_BUDGET + 4 * DELAY
        assert MotionCode.REACHED <= step.motion.code.code <= MotionCode.CLIPPED
        lab.switches.off(SLOW)
        while not step.plan.complete:
            step = running.step()
    finally:
        lab.ask(names.ABORT)
        lab.graph.result(running.task)
        running.close()
        lab.set("planner", "time_budget", 0.0)
        lab.set("planner", "far.time_budget", 0.0)
    lab.works()
    matrix.add(
        Row(
            f"planner over its `time_budget` ({TIME_BUDGET:g} s; each answer of the world model "
            f"takes {DELAY:g} s longer)",
            "stands while it is planned; makes the step that was best until then",
            "none; `complete: false` in the step's plan",
            "none needed: plans are complete again once the world model is fast",
        )
    )


def test_hanging_world_model(lab: FaultLab, matrix: Matrix) -> None:
    """It lives, and never answers."""
    injected = lab.inject(lambda: lab.switches.on(HANG))
    assert injected.result.outcome.outcome == Outcome.WORLD_MODEL_LOST, injected.result.message
    lab.switches.all_off()
    lab.works()
    matrix.add(
        Row(
            "world model hangs: energies never come (`world_model_timeout` is "
            f"{WORLD_MODEL_TIMEOUT:g} s here)",
            "ends the step, holds",
            injected.code,
            "none needed: the next task, once it answers",
            STEP,
            injected.told,
            injected.held,
        )
    )


def test_abort(lab: FaultLab, matrix: Matrix) -> None:
    """The sequencer's: the motion is cancelled."""
    injected = lab.inject(lambda: lab.ask(names.ABORT), AT_ONCE)
    assert injected.result.code.code == TaskCode.ABORTED
    lab.works()
    matrix.add(
        Row(
            "a person aborts the task",
            "brakes",
            name_of(TaskCode, injected.result.code.code),
            "none needed: the next task",
            AT_ONCE,
            injected.told,
            injected.held,
        )
    )


def test_paused_moved_and_resumed(lab: FaultLab, matrix: Matrix) -> None:
    """The arm brakes; moved meanwhile, it goes on from where it then is."""
    running = Running(lab)
    status = lab.graph.collect(TaskStatus, names.TASK_STATUS, LATCHED)
    running.states.await_moving()
    moment = time.monotonic()
    assert lab.ask(names.PAUSE) == TaskCode.OK
    status.until(lambda m: m.state == TaskStatus.PAUSED)
    told = time.monotonic() - moment
    held = running.held(moment)
    assert held < 0.25
    assert running.commands(moment) == 0
    while not running.feedback.empty():
        running.feedback.get()
    lab.set_up(seed=12)  # as if moved by hand: the joints are elsewhere at once
    moved = running.states.samples()[-1][1]
    assert lab.ask(names.RESUME) == TaskCode.OK
    step = running.step()
    assert np.allclose(step.state[:3], moved, atol=2e-3)
    assert np.allclose(step.motion.start[:3], moved, atol=2e-3)
    assert lab.ask(names.ABORT) == TaskCode.OK
    lab.graph.result(running.task)
    running.close()
    lab.works()
    matrix.add(
        Row(
            "paused, moved elsewhere, resumed",
            "brakes; after `resume` it looks anew, and goes on from where it is",
            "none; `task_status` says PAUSED",
            "`resume`",
            AT_ONCE,
            told,
            held,
        )
    )


@contextmanager
def clock_of(lab: FaultLab, node: str) -> Iterator[Any]:
    """Let a node run on a clock that a test may set wrong: by `ahead` [s] of what is yielded."""
    with ShownClock(lab.graph) as clock:
        lab.set(node, "use_sim_time", True)
        try:
            yield clock
        finally:
            clock.ahead = 0.0
            lab.set(node, "use_sim_time", False)


class ShownClock:
    """Publishes the time of the test on /clock; a context manager."""

    def __init__(self, graph: Graph) -> None:
        self.ahead = 0.0
        self._graph = graph
        self._publisher = graph.client.create_publisher(Clock, "/clock", 10)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> ShownClock:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._graph.client.destroy_publisher(self._publisher)

    def _run(self) -> None:
        while not self._ended.wait(0.005):
            now = time.time_ns() + int(self.ahead * NANOSECONDS)
            message = Clock()
            message.clock.sec, message.clock.nanosec = divmod(now, NANOSECONDS)
            self._publisher.publish(message)


@pytest.mark.parametrize(("jump", "where"), [(-JUMP, "back"), (JUMP, "ahead")])
def test_clock_jump_of_the_planner(lab: FaultLab, matrix: Matrix, jump: float, where: str) -> None:
    """Its commands are refused by the robot's side, for their age or for their order."""
    with clock_of(lab, "planner") as clock:
        lab.works()
        injected = lab.inject(lambda: setattr(clock, "ahead", jump), commands=1)
        clock.ahead = 0.0
        outcome = injected.result.outcome
        assert outcome.outcome == Outcome.MOTION_REFUSED, injected.result.message
        assert outcome.detail in (MotionCode.REFUSED_STALE, MotionCode.REFUSED_SEQUENCE)
        lab.works()
    matrix.add(
        Row(
            f"clock jump: the planner's clock goes {JUMP:g} s {where} (`use_sim_time`, with a "
            "`/clock` that jumps)",
            "ends the step, holds; the one command that follows is refused",
            f"{injected.code}, {name_of(MotionCode, outcome.detail)}",
            "none needed: the next task, once the clock is right",
            STEP,
            injected.told,
            injected.held,
        )
    )
