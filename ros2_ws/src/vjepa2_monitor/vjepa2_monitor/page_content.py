"""What the page shows: filled by ROS callbacks, read by the web server."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus

from vjepa2_monitor.imagination import Imagined
from vjepa2_msgs.msg import CameraStatus, PursuitStep, RobotMode, TaskStatus
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.task_progress import TaskState
from vjepa2_robot.arm_driver import MotionCode
from vjepa2_robot.arm_driver import RobotMode as Mode

SILENT = 5.0
"""Seconds without word of a node that was heard before, after which it counts as silent."""
LEVELS = {DiagnosticStatus.OK: "ok", DiagnosticStatus.WARN: "warning"}
STEPS = 1000


@dataclass(frozen=True)
class Heard:
    """The last word of a node about its health. at: time.monotonic()."""

    level: str
    message: str
    at: float


@dataclass
class PageContent:
    """Safe to use from any thread. pictures: how often each has changed, by name."""

    task: TaskStatus = field(default_factory=TaskStatus)
    mode: RobotMode | None = None
    camera: CameraStatus | None = None
    steps: deque[PursuitStep] = field(default_factory=lambda: deque(maxlen=STEPS))
    imagined: Imagined | None = None
    heard: dict[str, Heard] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def follow(self, task: TaskStatus) -> None:
        """A status of the task; the curve begins anew with each task."""
        with self._lock:
            if self.task.state == TaskStatus.IDLE and task.state != TaskStatus.IDLE:
                self.steps.clear()
                self.imagined = None
            self.task = task

    def stepped(self, step: PursuitStep) -> None:
        """One more step."""
        with self._lock:
            self.steps.append(step)

    def hear(self, status: DiagnosticStatus) -> None:
        """A node tells of its health."""
        level = LEVELS.get(status.level, "error")
        with self._lock:
            self.heard[status.name] = Heard(level, status.message, time.monotonic())

    def changed(self, picture: str) -> None:
        """A picture is no longer the same."""
        with self._lock:
            self.pictures[picture] = self.pictures.get(picture, 0) + 1

    def told(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        with self._lock:
            return {
                "task": _task(self.task),
                "robot": _robot(self.mode),
                "camera": "" if self.camera is None else self.camera.message,
                "energies": [_number(step.energy) for step in self.steps],
                "imagined": _imagined(self.imagined),
                "faults": self._faults(),
                "pictures": dict(self.pictures),
            }

    def _faults(self) -> list[dict[str, str]]:
        faults = []
        now = time.monotonic()
        for name, heard in sorted(self.heard.items()):
            if now - heard.at > SILENT:
                message = f"silent for {10 * int((now - heard.at) / 10) or int(SILENT)} s"
                faults.append({"who": name, "level": "error", "what": message})
            elif heard.level != "ok":
                faults.append({"who": name, "level": heard.level, "what": heard.message})
        if self.steps and self.steps[-1].motion.code.code >= MotionCode.NOT_REACHED:
            report = self.steps[-1].motion
            what = f"{_name(MotionCode, report.code.code)}: {report.message}"
            faults.append({"who": "last motion", "level": "error", "what": what})
        return faults


def _task(status: TaskStatus) -> dict[str, Any]:
    return {
        "state": _name(TaskState, status.state),
        "name": status.task,
        "goal": status.sub_goal_name,
        "goal_number": status.sub_goal + 1,
        "goals": status.sub_goals,
        "step": status.steps_done,
        "budget": status.budget,
        "code": _name(TaskCode, status.code.code),
        "message": status.message,
    }


def _robot(mode: RobotMode | None) -> dict[str, Any]:
    if mode is None:
        return {"mode": "UNKNOWN", "dry_run": False, "message": "nothing heard of the arm"}
    return {"mode": _name(Mode, mode.mode), "dry_run": mode.dry_run, "message": mode.message}


def _imagined(imagined: Imagined | None) -> dict[str, Any]:
    if imagined is None:
        return {"why": "", "landscape": None}
    if imagined.landscape is None:
        return {"why": imagined.why, "landscape": None}
    landscape = imagined.landscape
    return {
        "why": imagined.why,
        "landscape": {
            "offsets": landscape.offsets.tolist(),
            "energies": [[_number(value) for value in row] for row in landscape.energies.tolist()],
            "action": [float(imagined.action[0]), float(imagined.action[1])],
        },
    }


def _number(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if math.isfinite(value) else None


def _name(codes: Any, code: int) -> str:
    return str(codes(code).name) if code in list(codes) else f"code {code}"
