"""Bad commands straight to the bridge, whoever has planned them; and a disk that is full."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray

from tests.faults.lab import BUDGET, SEED, FaultLab, Running, name_of
from tests.faults.matrix import Matrix, Row
from tests.faults.track import StateTrack, held_after
from vjepa2_msgs.msg import MotionCode, MotionReport, Outcome, TaskCode
from vjepa2_node import names
from vjepa2_node.qos import EVENTS

pytestmark = pytest.mark.long

NAN = float("nan")
STEP = [0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
FAR = 0.13
"""Nearly the longest that a delta may be [m]."""
NEXT = "none needed: the next good command"
DISK_MB = 16


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small disk; none, and nothing recorded, where this user may not mount one."""
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    yield str(folder) if mounted else ""
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    ("shown", "code", "change"),
    [
        ("command that is no number", MotionCode.REFUSED_NOT_FINITE, {"delta": [NAN] * 7}),
        (
            "command that is infinite",
            MotionCode.REFUSED_NOT_FINITE,
            {"delta": [float("inf"), *STEP[1:]]},
        ),
        (
            "command planned from a state that is no number",
            MotionCode.REFUSED_NOT_FINITE,
            {"start": [NAN] * 7},
        ),
        (
            "command that is too long: 0.5 m",
            MotionCode.REFUSED_TRANSLATION,
            {"delta": [0.5, *STEP[1:]]},
        ),
        (
            "command that turns too far: 1 rad",
            MotionCode.REFUSED_ROTATION,
            {"delta": [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]},
        ),
        ("command that is too old: 20 s", MotionCode.REFUSED_STALE, {"age": 20.0}),
        ("command of the future: 20 s", MotionCode.REFUSED_STALE, {"age": -20.0}),
        ("command of an old sequence number", MotionCode.REFUSED_SEQUENCE, {"sequence": 1}),
        ("command in another frame", MotionCode.REFUSED_FRAME, {"frame": "camera"}),
        (
            "command planned from where the arm no longer stands",
            MotionCode.REFUSED_MOVED,
            {"start": [0.0] * 7},
        ),
    ],
)
def test_refused(
    lab: FaultLab, matrix: Matrix, shown: str, code: int, change: dict[str, Any]
) -> None:
    """By the bridge's own limits; the arm stands, and the next good command is carried out."""
    assert lab.command(STEP).code.code == MotionCode.REACHED
    report = stood(lab, lambda: lab.command(**{"delta": STEP, **change}))
    assert report.code.code == code, report.message
    assert list(report.achieved) == [0.0] * 7
    assert lab.command([-STEP[0], *STEP[1:]]).code.code == MotionCode.REACHED
    matrix.add(Row(shown, "stands", name_of(MotionCode, code), NEXT))


def test_outside_the_box(lab: FaultLab, matrix: Matrix) -> None:
    """Refused; or held at the box's face, where `clip_to_workspace` is on, as in this preset."""
    lab.set_up(SEED)
    lab.set("franka_bridge", "limits.clip_to_workspace", False)
    try:
        outwards = to_the_face(lab)
        report = stood(lab, lambda: lab.command(outwards))
        assert report.code.code == MotionCode.REFUSED_WORKSPACE, report.message
    finally:
        lab.set("franka_bridge", "limits.clip_to_workspace", True)
    clipped = lab.command(outwards)
    assert clipped.code.code == MotionCode.CLIPPED, clipped.message
    assert abs(clipped.achieved[0]) < FAR - 0.01
    lab.works()
    matrix.add(
        Row("command that leaves the box", "stands", "REFUSED_WORKSPACE", NEXT),
        Row(
            "the same with `limits.clip_to_workspace`",
            "goes to the face of the box, holds",
            "CLIPPED",
            NEXT,
        ),
    )


def test_two_clients_at_once(lab: FaultLab, matrix: Matrix) -> None:
    """The second is turned down, and the first one's task goes on to its end."""
    goal = lab.set_up(SEED)
    states = StateTrack(lab.graph)
    task = lab.start(goal, budget=3)
    states.await_moving()
    report = lab.command(STEP)
    assert report.code.code == MotionCode.REFUSED_BUSY, report.message
    result = lab.graph.result(task, 60.0)
    states.close()
    assert (result.code.code, result.steps) == (TaskCode.OK, 3), result.message
    matrix.add(
        Row(
            "commands from two clients at once",
            "goes on with the first one's",
            "REFUSED_BUSY for the second",
            "none needed",
        )
    )


def test_a_sequence_number_ahead_of_all(lab: FaultLab, matrix: Matrix) -> None:
    """After it the planner's own numbers are old, until `recover` forgets it."""
    assert lab.command(STEP, sequence=2**62).code.code == MotionCode.REACHED
    result = lab.graph.result(lab.start(lab.set_up(SEED), BUDGET), 60.0)
    outcome = result.outcome
    assert (outcome.outcome, outcome.detail) == (
        Outcome.MOTION_REFUSED,
        MotionCode.REFUSED_SEQUENCE,
    )
    lab.recover()
    lab.works()
    matrix.add(
        Row(
            "a client, or a clock that was ahead, has used up the sequence numbers",
            "stands: the planner's commands are refused",
            "PURSUIT_FAILED, MOTION_REFUSED, REFUSED_SEQUENCE",
            "`recover`",
        )
    )


def test_full_disk(lab: FaultLab, matrix: Matrix, record: str) -> None:
    """The recorder tells of it, and the task goes on; with room again, the next is recorded."""
    if not record:
        pytest.skip("this user may not mount a small disk")
    folder = Path(record)
    running = Running(lab)
    diagnostics = lab.graph.collect(DiagnosticArray, "/diagnostics", EVENTS)
    diagnostics.until(lambda m: values_of(m).get("recording") == "True")
    filler = folder / "filler"
    fill(filler)
    moment = time.monotonic()
    diagnostics.until(lambda m: values_of(m).get("code") == "DISK_FULL", timeout=60.0)
    told = time.monotonic() - moment
    for _ in range(2):
        step = running.step()
        assert step.motion.code.code <= MotionCode.CLIPPED
    lab.ask(names.ABORT)
    assert lab.graph.result(running.task).code.code == TaskCode.ABORTED
    running.close()
    for path in (filler, *folder.glob("*/*.mcap")):
        path.unlink()
    diagnostics.messages.clear()
    lab.works(budget=3)
    diagnostics.messages.clear()
    well = diagnostics.until(lambda m: values_of(m).get("recording") == "False")
    assert values_of(well)["code"] == "OK"
    assert list(Path(values_of(well)["run"]).glob("*.mcap"))
    matrix.add(
        Row(
            f"disk full while recording (a disk of {DISK_MB} MB, filled up; `min_free` is 0 here)",
            "goes on with the task",
            "DISK_FULL in the recorder's diagnostics",
            "make room: the next task is recorded",
            told=told,
        )
    )


def stood(lab: FaultLab, command: Any) -> MotionReport:
    """Report of a command that moves nothing."""
    states = StateTrack(lab.graph)
    try:
        moment = time.monotonic()
        report: MotionReport = command()
        assert held_after(states, moment, time.monotonic()) == 0.0
    finally:
        states.close()
    return report


def to_the_face(lab: FaultLab) -> list[float]:
    """Go near a face of the box along x; a delta [7] that leaves it there."""
    here = lab.command([0.0] * 7).end[0]
    lower, upper = 0.34, 0.66  # of preset demo_sim
    way = 1.0 if upper - here < here - lower else -1.0
    left = (upper if way > 0 else lower) - here
    if abs(left) > 0.1:
        near = lab.command([left - way * 0.08, *STEP[1:]])
        assert near.code.code == MotionCode.REACHED, near.message
    return [way * FAR, *STEP[1:]]


def values_of(message: DiagnosticArray) -> dict[str, str]:
    """What the recorder tells, if the message is its."""
    return {
        value.key: value.value
        for status in message.status
        if status.name == "/recorder"
        for value in status.values
    }


def fill(path: Path) -> None:
    """With all that the disk still takes."""
    block = np.zeros(1 << 16, dtype=np.uint8).tobytes()
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(block) == len(block):
                pass
        except OSError:
            return
