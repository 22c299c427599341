"""Presets: every one is loaded into every real node."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rclpy
import yaml
from rclpy.context import Context

from vjepa2_bringup.arguments import Arguments
from vjepa2_bringup.node_table import nodes
from vjepa2_bringup.own_parameters import DECIDED_BY_ARGUMENTS, parameters_by_node
from vjepa2_bringup.presets import preset_file, preset_names
from vjepa2_franka.limit_parameters import limits_of
from vjepa2_node.managed_node import ManagedNode
from vjepa2_sim.bench import LIMITS

MODULES = {
    spec.executable: spec.module
    for backend in ({}, {"backend": "real", "robot_address": "arm"})
    for spec in nodes(Arguments(composed=False, **backend))
}


@pytest.fixture
def context(domain: int) -> Iterator[Context]:
    context = Context()
    rclpy.init(context=context)
    yield context
    context.try_shutdown()


def node_class(module: str) -> Any:
    """The one managed node that a module defines."""
    [found] = [
        value
        for value in vars(importlib.import_module(module)).values()
        if inspect.isclass(value) and issubclass(value, ManagedNode) and value.__module__ == module
    ]
    return found


def sections(file: Path) -> dict[str, dict[str, Any]]:
    """Flat parameters by node, of a preset."""
    content = yaml.safe_load(file.read_text())
    found = {}
    for node, parameters in parameters_by_node(content, file.name):
        assert node.startswith("/**/"), f"{file.name}: {node} would not be found in a namespace"
        found[node.removeprefix("/**/")] = dict(flat(parameters))
    return found


def flat(parameters: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in parameters.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


@pytest.mark.parametrize("namespace", ["", "/lab"])
@pytest.mark.parametrize("executable", MODULES)
@pytest.mark.parametrize("preset", preset_names())
def test_a_node_takes_its_part_of_a_preset(
    preset: str, executable: str, namespace: str, context: Context
) -> None:
    """Each name is declared, each value is allowed and holds, also in a namespace."""
    file = preset_file(preset)
    node = node_class(MODULES[executable])(
        context=context,
        namespace=namespace,
        cli_args=["--ros-args", "--params-file", str(file)],
    )
    try:
        held = node.parameters.values()
        for name, value in sections(file).get(executable, {}).items():
            assert name in held, f"{file.name} sets {name} of {executable}, which there is not"
            assert held[name] == value
    finally:
        node.close()
        node.destroy_node()


@pytest.mark.parametrize("composed", [True, False])
@pytest.mark.parametrize("backend", ["franky_sim", "real", "gazebo"])
def test_what_arguments_decide_is_a_parameter_of_one_node(
    backend: str, composed: bool, context: Context
) -> None:
    """A process gets parameters as a whole: they must mean one node of it."""
    device = {"camera_source": "video", "camera_device": "a.mp4"} if backend == "real" else {}
    address = "" if backend == "gazebo" else "arm"
    arguments = Arguments(backend, composed=composed, robot_address=address, model="a", **device)
    for spec in nodes(arguments):
        declared = [names_of(node, context) for node in spec.nodes]
        for parameter in spec.parameters.keys() - {"use_sim_time"}:
            assert sum(parameter in names for names in declared) == 1, (spec.module, parameter)


def names_of(executable: str, context: Context) -> set[str]:
    """Parameters that a node declares."""
    node = node_class(MODULES[executable])(context=context)
    try:
        return set(node.parameters.values())
    finally:
        node.close()
        node.destroy_node()


@pytest.mark.parametrize("preset", preset_names())
def test_presets_name_nodes_of_the_table_only(preset: str) -> None:
    """And set nothing that is an argument's to decide."""
    for node, parameters in sections(preset_file(preset)).items():
        assert node in MODULES
        assert not DECIDED_BY_ARGUMENTS.keys() & parameters.keys()


@pytest.mark.parametrize("name", ["demo_sim", "demo_tasks"])
def test_demos_have_the_limits_of_the_bench(context: Context, name: str) -> None:
    """But for the age of commands, since the simulator computes on the same cores."""
    node = node_class(MODULES["franka_bridge"])(
        context=context, cli_args=["--ros-args", "--params-file", str(preset_file(name))]
    )
    try:
        limits = limits_of(node.parameters.values())
    finally:
        node.close()
    assert limits.max_command_age == 0.5
    assert limits.workspace_lower == pytest.approx(LIMITS.workspace_lower, abs=1e-12)
    assert limits.workspace_upper == pytest.approx(LIMITS.workspace_upper, abs=1e-12)
    assert limits == replace(
        LIMITS,
        max_command_age=0.5,
        workspace_lower=limits.workspace_lower,
        workspace_upper=limits.workspace_upper,
    )
