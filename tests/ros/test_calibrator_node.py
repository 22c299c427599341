"""The calibrator's interface, which answers that there is nothing behind it yet."""

from __future__ import annotations

from typing import Any

import pytest
from action_msgs.msg import GoalStatus
from lifecycle_msgs.msg import Transition

from vjepa2_msgs.action import CalibrateCamera
from vjepa2_msgs.msg import CalibrationCode
from vjepa2_msgs.srv import (
    ClearCalibration,
    LoadCalibration,
    SaveCalibration,
    SolveCalibration,
)
from vjepa2_node import names
from vjepa2_planning.calibrator_node import CalibratorNode


def _codes(graph: Any) -> set[int]:
    """Codes of all its answers, each of which has a sentence."""
    solved = graph.call(SolveCalibration, names.SOLVE_CALIBRATION, SolveCalibration.Request())
    loaded = graph.call(LoadCalibration, names.LOAD_CALIBRATION, LoadCalibration.Request())
    saved = graph.call(SaveCalibration, names.SAVE_CALIBRATION, SaveCalibration.Request())
    cleared = graph.call(ClearCalibration, names.CLEAR_CALIBRATION, ClearCalibration.Request())
    handle = graph.send(
        CalibrateCamera, names.CALIBRATE_CAMERA, CalibrateCamera.Goal(moves=3, preview=True)
    )
    response = graph.result_status(handle)
    assert response.status == GoalStatus.STATUS_ABORTED
    answers = [
        solved.report, loaded, loaded.report, saved, cleared, response.result.report,
    ]  # fmt: skip
    assert all(answer.message for answer in answers)
    return {answer.code.code for answer in answers}


@pytest.mark.parametrize(
    ("active", "code"), [(False, CalibrationCode.INACTIVE), (True, CalibrationCode.UNAVAILABLE)]
)
def test_each_request_has_an_answer(graph: Any, active: bool, code: int) -> None:
    """INACTIVE or UNAVAILABLE, from the action and from each service."""
    graph.add(CalibratorNode, active=active)
    assert _codes(graph) == {code}


def test_its_life(graph: Any) -> None:
    """It goes through all states, so that a bring-up in order works."""
    graph.add(CalibratorNode)
    for transition in ("DEACTIVATE", "CLEANUP", "CONFIGURE", "ACTIVATE"):
        graph.change("calibrator", getattr(Transition, f"TRANSITION_{transition}"))
    assert _codes(graph) == {CalibrationCode.UNAVAILABLE}
