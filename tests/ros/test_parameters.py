"""Parameters with ranges, refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from rcl_interfaces.srv import DescribeParameters, SetParameters
from rclpy.parameter import Parameter as RosParameter

from tests.ros.conftest import Graph
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.parameters import Parameter, ParameterError, Values

PARAMETERS = (
    Parameter("speed", 0.2, "part of the rated speed", 0.0, 1.0),
    Parameter("steps", 4, "steps of a plan", 1, 10),
    Parameter("mode", "box", "kind of constraint", choices=("box", "ball")),
    Parameter("corner", [0.1, 0.2, 0.3], "corner of the workspace [m]", -1.0, 1.0, length=3),
    Parameter("address", "127.0.0.1", "of the robot", fixed=True),
)


def _check(values: Values) -> None:
    if values["mode"] == "ball" and values["steps"] > 5:
        raise ValueError("steps must be at most 5 with mode ball")


def _node(**options: Any) -> ManagedNode:
    return ManagedNode("node", PARAMETERS, _check, **options)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("speed", 1.5, "speed must lie within 0 to 1, not 1.5"),
        ("speed", float("nan"), "speed must lie within 0 to 1, not nan"),
        ("steps", 0, "steps must lie within 1 to 10, not 0"),
        ("mode", "cone", "mode must be one of box, ball, not 'cone'"),
        ("corner", [0.1, 0.2], "corner must have 3 numbers, not 2"),
        ("corner", [0.1, 0.2, 2.0], "corner must lie within -1 to 1, not 2"),
    ],
)
def test_a_bad_value_is_refused_by_name(
    graph: Graph, name: str, value: Any, sentence: str
) -> None:
    """At the start by an error, at run time by a reason, both with the parameter's name."""
    with pytest.raises(ParameterError) as error:
        graph.add(_node, active=False, **{name: value})
    assert name in str(error.value)
    node = graph.add(_node, active=False)
    before = node.parameters[name]
    answer = graph.call(
        SetParameters,
        "node/set_parameters",
        SetParameters.Request(parameters=[RosParameter(name, value=value).to_parameter_msg()]),
    )
    assert not answer.results[0].successful
    assert name in answer.results[0].reason
    assert node.parameters[name] == before
    assert PARAMETERS[[p.name for p in PARAMETERS].index(name)].fault(value) == sentence


def test_a_value_of_another_type_is_refused(graph: Graph) -> None:
    """Text where a number is due."""
    with pytest.raises(ParameterError, match="speed"):
        graph.add(_node, active=False, speed="fast")


def test_a_combination_is_checked(graph: Graph) -> None:
    """At the start and at run time, whichever of the two changes."""
    with pytest.raises(ParameterError, match="at most 5 with mode ball"):
        graph.add(_node, active=False, mode="ball", steps=6)
    node = graph.add(_node, active=False, steps=6)
    (result,) = node.set_parameters([RosParameter("mode", value="ball")])
    assert (result.successful, "at most 5" in result.reason) == (False, True)
    (result,) = node.set_parameters([RosParameter("steps", value=5)])
    (result,) = node.set_parameters([RosParameter("mode", value="ball")])
    assert result.successful
    assert node.parameters["mode"] == "ball"


def test_a_fixed_parameter_changes_only_while_unconfigured(graph: Graph) -> None:
    """The reason says what to do."""
    node = graph.add(_node, active=False)
    (result,) = node.set_parameters([RosParameter("address", value="127.0.0.2")])
    assert result.successful
    active = graph.add(lambda **o: ManagedNode("other", PARAMETERS, **o))
    (result,) = active.set_parameters([RosParameter("address", value="127.0.0.2")])
    assert not result.successful
    assert "address" in result.reason and "clean the node up" in result.reason


def test_every_parameter_is_described(graph: Graph) -> None:
    """Description and range reach those who ask the node."""
    graph.add(_node, active=False)
    answer = graph.call(
        DescribeParameters,
        "node/describe_parameters",
        DescribeParameters.Request(names=[p.name for p in PARAMETERS]),
    )
    for parameter, described in zip(PARAMETERS, answer.descriptors, strict=True):
        assert described.description == parameter.description
    speed, steps, mode, corner, _ = answer.descriptors
    assert speed.floating_point_range[0].to_value == 1.0
    assert steps.integer_range[0].from_value == 1
    assert mode.additional_constraints == "one of box, ball"
    assert corner.additional_constraints == "each from -1 to 1"
