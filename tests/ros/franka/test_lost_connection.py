"""No arm, a wrong address, an arm that goes away and comes back, and a bridge that is ended."""

import signal
import subprocess
import sys
from typing import Any

import pytest
from lifecycle_msgs.msg import Transition
from rcl_interfaces.msg import Log
from rclpy.qos import QoSProfile

from vjepa2_franka.franka_bridge import FrankaBridge
from vjepa2_msgs.msg import MotionCode, RobotMode
from vjepa2_msgs.srv import Recover
from vjepa2_node import names, qos

STEP = [0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("address", "words"),
    [("", "robot_address is empty"), ("127.77.0.2", "127.77.0.2:1337")],
)
def test_a_wrong_address(graph: Any, address: str, words: str) -> None:
    """configure fails, the log says what to do, and the node can be asked again."""
    log = graph.collect(Log, "/rosout", QoSProfile(depth=100))
    graph.add(FrankaBridge, active=False, robot_address=address, connect_timeout=1.0)
    graph.change("franka_bridge", Transition.TRANSITION_CONFIGURE, expected=False)
    line = log.until(lambda message: words in message.msg)
    assert line.level == Log.ERROR
    assert "address" in line.msg
    graph.change("franka_bridge", Transition.TRANSITION_CONFIGURE, expected=False)


def test_an_arm_goes_away_and_comes_back(bridge_to: Any, graph: Any, simulate: Any) -> None:
    """Commands and the mode tell of it; recover connects again and the arm moves."""
    first = simulate()
    bridge = bridge_to(first).add()
    modes = graph.collect(RobotMode, names.ROBOT_MODE, qos.LATCHED)
    assert bridge.execute(STEP).code.code == MotionCode.REACHED
    handle = bridge.send_and_see_it_move([0.1, *STEP[1:]])
    first.kill()
    assert graph.result(handle).report.code.code == MotionCode.CONNECTION_LOST
    lost = modes.until(lambda message: message.mode == RobotMode.DISCONNECTED)
    assert first.hostname in lost.message and "connect again" in lost.message
    assert bridge.execute(STEP).code.code == MotionCode.CONNECTION_LOST
    answer = graph.call(Recover, names.RECOVER, Recover.Request())
    assert (answer.code.code, answer.mode) == (
        MotionCode.CONNECTION_LOST,
        RobotMode.DISCONNECTED,
    )
    assert "check the address" in answer.message
    simulate()
    answer = graph.call(Recover, names.RECOVER, Recover.Request())
    assert (answer.code.code, answer.mode) == (MotionCode.REACHED, RobotMode.IDLE), answer.message
    modes.messages.clear()
    assert bridge.execute(STEP).code.code == MotionCode.REACHED
    modes.until(lambda message: message.mode == RobotMode.IDLE)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_arm(
    graph: Any, simulation: Any, bridge_to: Any, sent: signal.Signals
) -> None:
    """Ended in mid-motion, the bridge's process stops the arm, which holds, and exits with 0."""
    parameters = {
        "robot_address": simulation.hostname,
        "limits.max_command_age": 10.0,
        "limits.speed_factor": 0.05,
    }
    arguments = [part for name, value in parameters.items() for part in ("-p", f"{name}:={value}")]
    process = subprocess.Popen(
        [sys.executable, "-m", "vjepa2_franka.franka_bridge", "--ros-args", *arguments]
    )
    try:
        graph.change("franka_bridge", Transition.TRANSITION_CONFIGURE)
        graph.change("franka_bridge", Transition.TRANSITION_ACTIVATE)
        bridge_to(simulation).send_and_see_it_move([0, 0.1, 0, 0, 0, 0, 0])
        assert simulation.request("moving")
    finally:
        process.send_signal(sent)
        assert process.wait(timeout=30) == 0
    assert not simulation.request("moving")
    bridge = bridge_to(simulation).add()
    assert bridge.execute([0, -0.02, 0, 0, 0, 0, 0]).code.code == MotionCode.REACHED
