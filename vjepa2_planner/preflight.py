"""Checks before a task: what would make it fail, or the arm move without intent."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.exposure import exposure
from vjepa2_planner.preflight_goals import exposure_faults, goal_faults
from vjepa2_planner.preflight_settings import PreflightFault, PreflightSettings
from vjepa2_planner.task_code import TaskCode


@dataclass(frozen=True, eq=False)
class LiveView:
    """What the camera sends: the newest image (uint8 RGB [H, W, 3]), its age [s], rate [Hz]."""

    image: NDArray[np.uint8]
    age: float
    rate: float


@dataclass(frozen=True)
class ArmReadiness:
    """What the arm says of itself. mode: its name; "IDLE" is ready. age: of its state [s]."""

    mode: str | None
    message: str
    age: float | None


def preflight(
    goals: Iterable[tuple[str, NDArray[np.uint8]]],
    view: LiveView | None,
    arm: ArmReadiness,
    settings: PreflightSettings,
) -> list[PreflightFault]:
    """All that speaks against a start; ``goals``: name and image (uint8 RGB [H, W, 3]) of each."""
    faults = camera_faults(view, settings) + arm_faults(arm, settings)
    if view is not None:
        live = exposure(view.image)
        faults += exposure_faults(live, settings)
        for name, goal in goals:
            faults += goal_faults(name, goal, view.image.shape, live, settings)
    return faults


def camera_faults(view: LiveView | None, settings: PreflightSettings) -> list[PreflightFault]:
    """NO_IMAGE, CAMERA_STALE, CAMERA_SLOW."""
    if view is None:
        return [PreflightFault(TaskCode.NO_IMAGE, "no image has come; is the camera active?")]
    faults = []
    if not view.age <= settings.max_age:
        sentence = (
            f"the newest image is {view.age:.2f} s old, more than {settings.max_age:g} s; "
            "see whether the camera still sends, and whether its clock agrees with this host's"
        )
        faults.append(PreflightFault(TaskCode.CAMERA_STALE, sentence))
    if view.age < -settings.max_clock_skew:
        sentence = (
            f"the newest image is stamped {-view.age:.2f} s in the future; "
            "synchronise the clocks of the camera's host and this one"
        )
        faults.append(PreflightFault(TaskCode.CAMERA_STALE, sentence))
    if not view.rate >= settings.min_rate:
        sentence = (
            f"images come at {view.rate:.1f} Hz, less than {settings.min_rate:g} Hz; "
            "look at the camera's rate, size and connection"
        )
        faults.append(PreflightFault(TaskCode.CAMERA_SLOW, sentence))
    return faults


def arm_faults(arm: ArmReadiness, settings: PreflightSettings) -> list[PreflightFault]:
    """ROBOT_NOT_READY."""
    sentences = []
    if arm.mode is None:
        sentences.append("the arm's mode is unknown; is the robot bridge active?")
    elif arm.mode != "IDLE":
        reason = f" ({arm.message})" if arm.message else ""
        sentences.append(f"the arm is {arm.mode}{reason}, it must be IDLE")
    if arm.age is None:
        sentences.append("the arm sends no state; is the robot bridge active?")
    elif not arm.age <= settings.max_age:
        sentences.append(
            f"the arm's newest state is {arm.age:.2f} s old, more than {settings.max_age:g} s; "
            "see whether the robot bridge still sends, and whether the clocks agree"
        )
    elif arm.age < -settings.max_clock_skew:
        sentences.append(
            f"the arm's newest state is stamped {-arm.age:.2f} s in the future; "
            "synchronise the clocks of the robot's host and this one"
        )
    return [PreflightFault(TaskCode.ROBOT_NOT_READY, sentence) for sentence in sentences]
