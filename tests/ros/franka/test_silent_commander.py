"""The process that commands the arm dies while the arm moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ros.commander_process import commander_process
from vjepa2_msgs.msg import EndEffectorState, MotionCode
from vjepa2_node import names, qos

SLOW = {"limits.speed_factor": 0.05, "limits.acceleration_factor": 0.1}
FAR = [0.07, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("bridge", [SLOW], indirect=True)
def test_its_motion_is_stopped_and_the_next_one_is_taken(bridge: Any, graph: Any) -> None:
    """Short of its goal, with STOPPED; the arm holds, and goes on for whoever asks next."""
    with commander_process(bridge.node._commanders) as commander:
        handle = bridge.send_and_see_it_move(FAR)
        commander.kill()
        report = graph.result(handle).report
    assert report.code.code == MotionCode.STOPPED
    assert report.achieved[0] < 0.06
    states = graph.collect(EndEffectorState, names.END_EFFECTOR_STATE, qos.STATES)
    first, *_, last = (np.array(m.state) for m in states.next(30))
    assert np.abs(last - first).max() < 1e-3
    back = [-report.achieved[0], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert bridge.execute(back).code.code == MotionCode.REACHED
