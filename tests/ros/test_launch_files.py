"""Launch files translate the node table: nothing is added, nothing is lost.

`launch` is no Python package that pip could install, so that its few classes that the files use
are stood in for here, and here only.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from vjepa2_bringup.arguments import Arguments, described
from vjepa2_bringup.middleware import OWN_TRANSPORTS, PROFILES, RANGE
from vjepa2_bringup.node_table import node_names, nodes

LAUNCH = Path(__file__).parents[2] / "launch"
GAZEBO = Path(__file__).parents[2] / "ros2_ws" / "src" / "vjepa2_gazebo"
DEFAULTS = {argument.name: argument.default for argument in described()}


class Entity(SimpleNamespace):
    """Anything of launch: what it was made of."""


class LaunchDescription:
    def __init__(self, entities: list[Any]) -> None:
        self.entities = entities


class LaunchConfiguration:
    def __init__(self, name: str) -> None:
        self.name = name

    def perform(self, context: dict[str, str]) -> str:
        return context[self.name]


def declare(name: str, *, default_value: str, description: str) -> Entity:
    return Entity(declares=name, default_value=default_value, description=description)


MODULES: dict[str, dict[str, Any]] = {
    "launch": {
        "LaunchContext": dict,
        "LaunchDescription": LaunchDescription,
        "LaunchDescriptionEntity": Entity,
    },
    "launch.actions": {
        "DeclareLaunchArgument": declare,
        "IncludeLaunchDescription": lambda source, launch_arguments=(): Entity(
            includes=source, arguments=dict(launch_arguments)
        ),
        "OpaqueFunction": lambda function: Entity(function=function),
        "SetEnvironmentVariable": lambda name, value: Entity(variable=name, value=value),
    },
    "launch.substitutions": {
        "LaunchConfiguration": LaunchConfiguration,
        "PathJoinSubstitution": "/".join,
    },
    "launch.launch_description_sources": {"PythonLaunchDescriptionSource": lambda path: path},
    "launch_ros": {},
    "launch_ros.actions": {"Node": lambda **given: Entity(**given)},
    "launch_ros.substitutions": {"FindPackageShare": lambda package: f"share/{package}"},
}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Any]]:
    for name, contents in MODULES.items():
        module = ModuleType(name)
        module.__dict__.update(contents)
        monkeypatch.setitem(sys.modules, name, module)

    def entities(file: str) -> list[Any]:
        spec = importlib.util.spec_from_file_location("launch_file", LAUNCH / file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        description: LaunchDescription = module.generate_launch_description()
        return description.entities

    return entities


def test_every_argument_is_declared_and_described(load: Callable[[str], list[Any]]) -> None:
    """With the words of `vjepa2 up --help`."""
    *declared, _ = load("stack.launch.py")
    assert [(e.declares, e.default_value, e.description) for e in declared] == [
        (argument.name, argument.default, argument.description) for argument in described()
    ]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"composed": "false", "namespace": "lab", "model": "simulator"},
        {"backend": "gazebo", "namespace": "lab"},
        {"backend": "real", "robot_address": "172.16.0.2", "dry_run": "false", "model": "m.pt"},
    ],
)
def test_one_node_for_each_process(
    given: dict[str, str], load: Callable[[str], list[Any]]
) -> None:
    """And the lifecycle manager, which knows all names in their order."""
    start = load("stack.launch.py")[-1].function
    *processes, manager = (e for e in start(DEFAULTS | given) if not hasattr(e, "variable"))
    table = nodes(Arguments.from_text(given))
    assert len(processes) == len(table)
    for process, spec in zip(processes, table, strict=True):
        assert (process.package, process.executable) == (spec.package, spec.executable)
        assert process.namespace == spec.namespace
        assert process.parameters == [*spec.parameter_files, spec.parameters]
        assert process.ros_arguments == ["--enclave", spec.enclave]
        # A name would be given to each node of the process.
        assert not hasattr(process, "name")
    assert (manager.package, manager.executable) == ("vjepa2_bringup", "lifecycle_manager")
    assert manager.parameters == [{"node_names": node_names(table)}]
    assert manager.ros_arguments == ["--enclave", "/lifecycle_manager"]
    assert manager.namespace == table[0].namespace


def test_the_middleware_is_set_as_the_runner_sets_it(
    load: Callable[[str], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discovery on this host only, shared memory for images; what the user has set stays."""
    for name in (RANGE, PROFILES, *OWN_TRANSPORTS):
        monkeypatch.delenv(name, raising=False)
    start = load("stack.launch.py")[-1].function

    def settings(**given: str) -> dict[str, str]:
        entities = start(DEFAULTS | given)
        return {e.variable: e.value for e in entities if hasattr(e, "variable")}

    assert settings()[RANGE] == "LOCALHOST"
    assert Path(settings()[PROFILES]).is_file()
    assert RANGE not in settings(part="planning")
    monkeypatch.setenv(RANGE, "SUBNET")
    monkeypatch.setenv("FASTDDS_BUILTIN_TRANSPORTS", "UDPv4")
    assert settings() == {}


@pytest.mark.parametrize(
    ("file", "backend"), [("sim.launch.py", "franky_sim"), ("real.launch.py", "real")]
)
def test_short_forms_choose_a_backend(
    file: str, backend: str, load: Callable[[str], list[Any]]
) -> None:
    """All else is left to the whole one."""
    [included] = load(file)
    assert Path(included.includes) == LAUNCH / "stack.launch.py"
    assert included.arguments == {"backend": backend}


def test_gazebo_is_started_with_the_stack(load: Callable[[str], list[Any]]) -> None:
    """The world of its own package, and the stack on it."""
    world, stack = load("gazebo.launch.py")
    assert world.includes == "share/vjepa2_gazebo/launch/world.launch.py"
    assert Path(stack.includes) == LAUNCH / "stack.launch.py"
    assert stack.arguments == {"backend": "gazebo"}


@pytest.mark.parametrize("headless", ["true", "false"])
@pytest.mark.parametrize("namespace", ["", "lab"])
def test_gazebo_and_its_bridge(
    headless: str, namespace: str, load: Callable[[str], list[Any]]
) -> None:
    """On the world and the configuration of the package; headless without a window."""
    *declared, start = load(str(GAZEBO / "launch" / "world.launch.py"))
    assert {e.declares: e.default_value for e in declared} == {
        "headless": "false",
        "namespace": "",
    }
    gazebo, bridge = start.function({"headless": headless, "namespace": namespace})
    assert gazebo.includes == "share/ros_gz_sim/launch/gz_sim.launch.py"
    *options, world = gazebo.arguments["gz_args"].split()
    assert Path(world) == GAZEBO / "worlds" / "table.sdf"
    assert options == ["-r", *(["-s", "--headless-rendering"] if headless == "true" else [])]
    assert (bridge.package, bridge.executable) == ("ros_gz_bridge", "parameter_bridge")
    assert bridge.namespace == (f"/{namespace}" if namespace else "")
    [parameters] = bridge.parameters
    assert Path(parameters["config_file"]) == GAZEBO / "config" / "bridge.yaml"
    with pytest.raises(ValueError, match="headless must be true or false, not 'yes'"):
        start.function({"headless": "yes", "namespace": ""})
