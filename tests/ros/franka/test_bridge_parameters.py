"""Parameters of the bridge: all that the libraries have, described, ranged and validated."""

from dataclasses import fields
from typing import Any

import pytest

from vjepa2_franka.arm_parameters import joint_settings_of, settings_of
from vjepa2_franka.franka_bridge import FrankaBridge, main
from vjepa2_franka.limit_parameters import limits_of
from vjepa2_franka.parameters import PARAMETERS, check
from vjepa2_msgs.msg import MotionCode
from vjepa2_node.parameters import ParameterError
from vjepa2_robot.compliant import Compliant
from vjepa2_robot.end_effector import EndEffectorFrame
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_robot.gripper_settings import GripperSettings
from vjepa2_robot.joint_settings import JointSettings
from vjepa2_robot.limits import Limits
from vjepa2_sim.scene import HOME_JOINTS

DEFAULTS = {parameter.name: parameter.default for parameter in PARAMETERS}


def test_defaults_are_those_of_the_libraries() -> None:
    """What is not set is as the library has it; home is where the simulated scene starts."""
    check(DEFAULTS)
    assert limits_of(DEFAULTS) == Limits()
    expected = FrankySettings(speed_factor=1.0, acceleration_factor=1.0)
    assert settings_of(DEFAULTS) == expected
    assert joint_settings_of(DEFAULTS) == JointSettings(speed_factor=1.0, acceleration_factor=1.0)
    assert settings_of({**DEFAULTS, "motion_mode": "compliant"}).motion == Compliant()
    assert DEFAULTS["home_joints"] == pytest.approx(HOME_JOINTS)


def test_every_setting_of_the_libraries_is_a_parameter() -> None:
    """A field that is added to a library is missed here until it can be set."""
    names = {name.rpartition(".")[2] for name in DEFAULTS}
    for kind in (
        *(Limits, GripperSettings, Compliant, EndEffectorFrame),
        *(FrankySettings, JointSettings),
    ):
        composed = {"motion", "end_effector", "gripper"}
        assert {field.name for field in fields(kind)} - composed <= names, kind


def test_every_parameter_is_described_and_ranged() -> None:
    """Each has a sentence; numbers have a range that holds the default, texts their choices."""
    free_texts = {"robot_address", "base_frame", "joint_prefix"}
    for parameter in PARAMETERS:
        assert parameter.description.endswith("."), parameter.name
        assert parameter.fault(parameter.default) == ""
        if isinstance(parameter.default, str):
            assert parameter.choices or parameter.name in free_texts, parameter.name
        elif not isinstance(parameter.default, bool):
            assert parameter.lower is not None and parameter.upper is not None, parameter.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limits.max_translation", 7.0),
        ("limits.workspace_lower", [0.1, 0.2]),
        ("limits.workspace_lower", [0.9, 0.0, 0.0]),
        ("limits.speed_factor", 0.0),
        ("state_rate", 0.0),
        ("motion_mode", "gentle"),
        ("compliant.damping", [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]),
        ("compliant.translational_stiffness", -1.0),
        ("gripper.force", 1000.0),
        ("end_effector.relative_to", "wrist"),
        ("home_joints", [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        ("dry_run", "perhaps"),
    ],
)
def test_a_bad_value_is_refused_by_name(graph: Any, name: str, value: Any) -> None:
    """The node does not start, and the sentence names the parameter."""
    with pytest.raises(ParameterError, match=name):
        graph.add(FrankaBridge, active=False, **{name: value})


def test_a_bad_value_on_the_command_line(capfd: Any, domain: int) -> None:
    """It is one line on stderr and exit status 2."""
    assert main(["--ros-args", "-p", "gripper.force:=1000.0"]) == 2
    assert "error: gripper.force must lie within 1 to 140" in capfd.readouterr().err


def test_limits_change_while_it_runs(bridge: Any) -> None:
    """A change is validated, and holds from the next command on."""
    step = [0.03, 0, 0, 0, 0, 0, 0]
    assert bridge.execute(step).code.code == MotionCode.REACHED
    bridge.set("limits.max_translation", 0.02)
    assert bridge.execute(step).code.code == MotionCode.REFUSED_TRANSLATION
    bridge.set("limits.max_translation", 0.14)
    quick = bridge.execute([-0.03, *step[1:]])
    bridge.set("limits.speed_factor", 0.005)
    slow = bridge.execute(step)
    assert slow.code.code == MotionCode.REACHED
    assert slow.seconds > 2 * quick.seconds
    for name, value, words in (
        ("limits.max_translation", -1.0, "limits.max_translation"),
        ("limits.workspace_lower", [0.9, 0.0, 0.0], "workspace_lower"),
        ("home_joints", [9.0] * 7, "home_joints"),
        ("dry_run", True, "dry_run can only be changed while the node is unconfigured"),
        ("gripper.force", 5.0, "gripper.force can only be changed"),
    ):
        with pytest.raises(AssertionError, match=words):
            bridge.set(name, value)
    assert bridge.node.parameters["limits.max_translation"] == 0.14


@pytest.mark.parametrize(
    "bridge",
    [
        {
            "motion_mode": "compliant",
            "end_effector.translation": [0.0, 0.0, 0.1],
            "state_rate": 100.0,
            "base_frame": "base",
        }
    ],
    indirect=True,
)
def test_settings_reach_the_arm(bridge: Any) -> None:
    """Compliant motions, another end-effector frame and another base frame work."""
    turn = bridge.execute([0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0])
    assert turn.code.code == MotionCode.REACHED, turn.message
    assert abs(turn.achieved[0]) + abs(turn.achieved[1]) + abs(turn.achieved[2]) < 0.004
    goal = bridge.goal([0.0, 0.0, 0.0, -0.1, 0.0, 0.0, 0.0], frame="base")
    assert bridge.run(goal).code.code == MotionCode.REACHED
    wrong = bridge.goal([0.01, 0, 0, 0, 0, 0, 0], frame="fr3_link0")
    assert bridge.run(wrong).code.code == MotionCode.REFUSED_FRAME
