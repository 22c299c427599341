"""The node table: a pure function of the arguments."""

from __future__ import annotations

import importlib.util
import runpy
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vjepa2_bringup.arguments import Arguments, described
from vjepa2_bringup.node_table import NodeSpec, node_names, nodes
from vjepa2_bringup.presets import preset_file, preset_names

SOURCES = Path(__file__).parents[2] / "ros2_ws" / "src"
ALL = ["simulation", "franka_bridge", "world_model", "planner", "sequencer", "calibrator"]
REAL = {"backend": "real", "robot_address": "172.16.0.2"}


def by_executable(table: list[NodeSpec]) -> dict[str, NodeSpec]:
    return {spec.executable: spec for spec in table}


def test_default_is_a_composed_simulation() -> None:
    """Three processes with six nodes, brought up from the robot to the task's owner."""
    table = nodes(Arguments())
    assert [spec.executable for spec in table] == ["simulation", "franka_bridge", "composed"]
    assert node_names(table) == ALL
    assert {file for spec in table for file in spec.parameter_files} == {
        str(preset_file("demo_sim"))
    }
    assert {spec.namespace for spec in table} == {""}


def test_apart_every_node_has_its_process() -> None:
    """Same nodes in the same order, and the same parameters for each."""
    apart, composed = (nodes(Arguments(composed=c, model="a.pt")) for c in (False, True))
    assert [spec.executable for spec in apart] == node_names(apart) == node_names(composed) == ALL
    assert by_executable(apart)["world_model"].parameters["model"] == "a.pt"
    assert by_executable(composed)["composed"].parameters["model"] == "a.pt"


def test_a_real_arm_has_a_camera_and_is_run_dry_at_first() -> None:
    """The simulation is not there, and the arm moves only where that is asked for."""
    table = by_executable(nodes(Arguments(**REAL, camera_source="v4l2", camera_device="/dev/v")))
    assert "simulation" not in table
    assert table["camera"].parameters == {
        "use_sim_time": False, "source": "v4l2", "device": "/dev/v",
    }  # fmt: skip
    bridge = table["franka_bridge"]
    assert bridge.parameters["dry_run"] is True
    assert bridge.parameters["robot_address"] == "172.16.0.2"
    assert bridge.parameter_files == (str(preset_file("franka_lab")),)
    moving = by_executable(nodes(Arguments(**REAL, dry_run=False, model="ours.pt")))
    assert moving["franka_bridge"].parameters["dry_run"] is False


@pytest.mark.parametrize("source", ["video", "topic"])
def test_a_source_with_a_size_of_its_own_is_not_asked_for_one(source: str) -> None:
    """The preset's is for cameras."""
    camera = by_executable(nodes(Arguments(**REAL, camera_source=source, camera_device="d")))
    given = camera["camera"].parameters
    assert (given["width"], given["height"], given["frame_rate"]) == (0, 0, 0.0)


def test_a_camera_is_named_by_its_serial() -> None:
    """Its size is left to the preset."""
    table = by_executable(nodes(Arguments(**REAL, camera_source="realsense", camera_serial="5")))
    assert table["camera"].parameters == {
        "use_sim_time": False, "source": "realsense", "serial": "5",
    }  # fmt: skip


def test_gazebo_has_camera_and_arm_of_its_own() -> None:
    """Neither simulation nor camera node; all clocks are simulated, and the arm moves."""
    table = nodes(Arguments(backend="gazebo"))
    assert node_names(table) == ALL[1:]
    assert all(spec.parameters["use_sim_time"] is True for spec in table)
    bridge = by_executable(table)["franka_bridge"]
    assert bridge.parameters["driver"] == "gazebo"
    assert bridge.parameters["dry_run"] is False
    assert bridge.parameter_files == (str(preset_file("demo_sim")),)
    for backend in ({}, REAL):
        bridge = by_executable(nodes(Arguments(**backend)))["franka_bridge"]
        assert bridge.parameters["driver"] == "franky"
        assert bridge.parameters["use_sim_time"] is False


def test_simulation_and_bridge_share_an_address() -> None:
    """Loopback unless told otherwise, and not dry."""
    table = by_executable(nodes(Arguments()))
    assert table["franka_bridge"].parameters["dry_run"] is False
    for address in ("127.0.0.1", "127.0.0.9"):
        table = by_executable(nodes(Arguments(robot_address=address.replace("127.0.0.1", ""))))
        for name in ("simulation", "franka_bridge"):
            assert table[name].parameters["robot_address"] == address


def test_parts_make_up_the_whole() -> None:
    """Two hosts start what one would."""
    parts = [nodes(Arguments(composed=False, part=part)) for part in ("robot", "planning")]
    assert node_names(parts[0]) == ALL[:2]
    assert [*parts[0], *parts[1]] == nodes(Arguments(composed=False))
    assert Arguments(backend="real", part="planning").robot_address == ""


def test_monitors_come_last_and_are_optional() -> None:
    """Only where they are asked for, on the planning host, and none is needed by the others."""
    arguments = {"record": "runs", "dashboard": True, "port": 8123}
    table = nodes(Arguments(**arguments))
    assert node_names(table) == [*ALL, "recorder", "dashboard"]
    assert [spec.executable for spec in table if spec.optional] == ["recorder", "dashboard"]
    assert table[-2].parameters["folder"] == "runs"
    assert table[-1].parameters["port"] == 8123
    assert node_names(nodes(Arguments(part="robot", **arguments))) == ALL[:2]


def test_namespace_own_file_and_clock_reach_every_process(tmp_path: Path) -> None:
    """The namespace becomes absolute; the own file comes after the preset's."""
    own = tmp_path / "own.yaml"
    own.write_text("/**/planner:\n  ros__parameters: {samples: 7}\n")
    arguments = Arguments(
        backend="real",
        robot_address="arm",
        namespace="lab/left",
        config=str(own),
        use_sim_time=True,
        composed=False,
    )
    for spec in nodes(arguments):
        assert spec.namespace == "/lab/left"
        assert spec.parameter_files == (str(preset_file("franka_lab")), str(own))
        assert spec.parameters["use_sim_time"] is True


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"backend": "gazebo", "use_sim_time": "false"},
            "use_sim_time must be true for backend g",
        ),
        ({"backend": "gazebo", "robot_address": "arm"}, "robot_address is not for backend gazebo"),
        (
            {"backend": "gazebo", "camera_source": "v4l2"},
            "camera_serial are for backend real",
        ),
        ({"backend": "reel"}, "backend must be one of franky_sim, real, gazebo, not 'reel'"),
        ({"use_sim_time": "true"}, "use_sim_time needs a publisher of /clock"),
        ({"preset": "quick"}, "no preset 'quick'; there are .*demo_sim.*franka_lab"),
        ({"backend": "real"}, "backend real needs the address of the robot"),
        (
            {"backend": "real", "robot_address": "arm", "dry_run": "false"},
            "name the world model that it is to follow: model:=PATH",
        ),
        ({"namespace": "1st"}, "namespace '1st' must be"),
        ({"namespace": "lab/"}, "namespace 'lab/' must be"),
        ({"camera_device": "/dev/video0"}, "camera_serial are for backend real"),
        ({"camera_serial": "5"}, "camera_serial are for backend real"),
        ({"part": "half"}, "part must be one of all, robot, planning, not 'half'"),
        ({"config": "nowhere.yaml"}, "config nowhere.yaml cannot be read: No such file"),
        ({"use_sim_time": "no"}, "use_sim_time must be true or false or auto, not 'no'"),
        ({"port": "80"}, "port must be 0 or lie within 1024 to 65535, not 80"),
        ({"port": "-1"}, "port must be a whole number, not '-1'"),
        ({"composed": "yes"}, "composed must be true or false, not 'yes'"),
        ({"composed": "auto"}, "composed must be true or false, not 'auto'"),
        ({"dry_run": "no"}, "dry_run must be true or false or auto, not 'no'"),
        ({"dryrun": "true"}, "no argument 'dryrun'; did you mean dry_run?"),
        ({"x": "1"}, "no argument 'x'; there are backend, preset"),
    ],
)
def test_bad_arguments_are_refused_with_a_sentence(given: dict[str, str], sentence: str) -> None:
    """It names the argument, and what is valid."""
    with pytest.raises(ValueError, match=sentence):
        Arguments.from_text(given)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("/**:\n  ros__parameters: {driver: franky}", r"sets driver of /\*\*, which .* backend:="),
        (
            "/**:\n  ros__parameters: {dry_run: false}",
            r"sets dry_run of /\*\*, which .* dry_run:=",
        ),
        (
            "lab:\n  franka_bridge:\n    ros__parameters: {robot_address: a}",
            "of lab/franka_bridge",
        ),
        ("planner: {samples: 3}", "planner: samples is no ROS parameter file"),
        ("- 1", "is no ROS parameter file"),
        ("a: [", "is not YAML"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("a: &a {b: *a}", "has an alias"),
        ("a: 2021-99-99", "a value in it cannot be read"),
    ],
)
def test_an_own_file_must_not_decide_too_much(content: str, sentence: str, tmp_path: Path) -> None:
    """Above all it must not let an arm move that an argument holds still."""
    own = tmp_path / "own.yaml"
    own.write_text(content)
    with pytest.raises(ValueError, match=sentence):
        Arguments(config=str(own))


def test_texts_of_all_defaults_are_the_defaults() -> None:
    """Launch files pass every argument as text."""
    defaults = {argument.name: argument.default for argument in described()}
    assert Arguments.from_text(defaults) == Arguments()
    assert all(len(argument.description) > 20 for argument in described())
    assert {"paper", "fast", "demo_sim", "franka_lab"} <= set(preset_names())


def every_spec() -> Iterator[NodeSpec]:
    for composed in (True, False):
        for backend in (REAL, {}, {"backend": "gazebo"}):
            yield from nodes(Arguments(composed=composed, **backend))


@pytest.mark.parametrize("spec", list(every_spec()), ids=lambda spec: spec.module)
def test_every_executable_is_installed_and_exists(
    spec: NodeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """console_scripts of its package name the module, which has a main; bringup depends on it."""
    arguments: dict[str, Any] = {}
    monkeypatch.setattr("setuptools.setup", lambda **given: arguments.update(given))
    monkeypatch.chdir(SOURCES / spec.package)
    runpy.run_path("setup.py")
    assert (
        f"{spec.executable} = {spec.module}:main" in arguments["entry_points"]["console_scripts"]
    )
    found = importlib.util.find_spec(spec.module)
    assert found is not None and found.origin is not None
    assert "def main(" in Path(found.origin).read_text()
    bringup = ElementTree.parse(SOURCES / "vjepa2_bringup" / "package.xml")
    assert spec.package in [depend.text for depend in bringup.iter("depend")]


def test_launch_files_and_presets_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the package, from the folders at the top of the repository."""
    arguments: dict[str, Any] = {}
    monkeypatch.setattr("setuptools.setup", lambda **given: arguments.update(given))
    monkeypatch.chdir(SOURCES / "vjepa2_bringup")
    runpy.run_path("setup.py")
    files = dict(arguments["data_files"])
    assert "launch/stack.launch.py" in files["share/vjepa2_bringup/launch"]
    installed = {Path(file).stem for file in files["share/vjepa2_bringup/config"]}
    assert installed == {*preset_names(), "fastdds"}
    scripts = arguments["entry_points"]["console_scripts"]
    assert "lifecycle_manager = vjepa2_bringup.lifecycle_manager:main" in scripts
