"""Whether goals can be compared with the live view at all."""

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.exposure import Exposure, exposure
from vjepa2_planner.preflight_settings import PreflightFault, PreflightSettings
from vjepa2_planner.task_code import TaskCode


def exposure_faults(live: Exposure, settings: PreflightSettings) -> list[PreflightFault]:
    """GOAL_EXPOSURE, where the live view shows nothing."""
    sentences = []
    if live.black > settings.max_black:
        sentences.append(f"{live.black:.0%} of the live view is black; is the lens covered?")
    if live.saturated > settings.max_saturated:
        sentences.append(f"{live.saturated:.0%} of the live view is blown out; lower the exposure")
    return [PreflightFault(TaskCode.GOAL_EXPOSURE, sentence) for sentence in sentences]


def goal_faults(
    name: str,
    goal: NDArray[np.uint8],
    live_shape: tuple[int, ...],
    live: Exposure,
    settings: PreflightSettings,
) -> list[PreflightFault]:
    """GOAL_SIZE, GOAL_EXPOSURE of one goal."""
    faults = []
    if goal.shape != live_shape:
        sentence = (
            f"goal {name} is {goal.shape[1]} x {goal.shape[0]} px but the live view is "
            f"{live_shape[1]} x {live_shape[0]} px; take it with this camera's settings"
        )
        faults.append(PreflightFault(TaskCode.GOAL_SIZE, sentence))
    of_goal = exposure(goal)
    remedy = "set light and exposure as they were, or take the goal anew"
    if (ratio := of_goal.ratio(live)) > settings.brightness_ratio:
        word = "darker" if of_goal.brightness < live.brightness else "brighter"
        sentence = f"goal {name} is {ratio:.1f} times {word} than the live view; {remedy}"
        faults.append(PreflightFault(TaskCode.GOAL_EXPOSURE, sentence))
    for what in ("black", "saturated"):
        share, live_share = getattr(of_goal, what), getattr(live, what)
        if abs(share - live_share) > settings.share_difference:
            sentence = (
                f"{share:.0%} of goal {name} is {what}, "
                f"of the live view {live_share:.0%}; {remedy}"
            )
            faults.append(PreflightFault(TaskCode.GOAL_EXPOSURE, sentence))
    return faults
