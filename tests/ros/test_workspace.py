"""The workspace as `colcon build` builds it on a normal ROS 2 installation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from vjepa2_bringup.node_table import Arguments, nodes

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "ros2_ws" / "src"
OF_ROS = (
    *("rclpy", "ament_index_python", "builtin_interfaces", "lifecycle_msgs", "rcl_interfaces"),
    *("sensor_msgs", "std_msgs", "action_msgs"),
)
NODES = sorted(p.name for p in SOURCES.iterdir() if p.name != "vjepa2_msgs")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where colcon has installed the packages of nodes, on top of the messages."""
    folder = tmp_path_factory.mktemp("workspace")
    built = subprocess.run(
        [
            *("colcon", "--log-base", str(folder / "log"), "build"),
            *("--base-paths", str(SOURCES), "--packages-select", *NODES),
            *("--build-base", str(folder / "build"), "--install-base", str(folder / "install")),
        ],
        env=os.environ
        | {
            "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
            "AMENT_PREFIX_PATH": sys.prefix,
            "CMAKE_PREFIX_PATH": sys.prefix,
        },
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert built.returncode == 0, built.stderr
    return folder / "install"


def test_every_executable_of_the_graph_is_installed(installed: Path) -> None:
    """Where `ros2 run` and launch files look for it."""
    for composed in (True, False):
        for backend in ("franky_sim", "real", "gazebo"):
            address = "" if backend == "gazebo" else "127.0.0.1"
            for spec in nodes(Arguments(backend, composed=composed, robot_address=address)):
                file = installed / spec.package / "lib" / spec.package / spec.executable
                assert os.access(file, os.X_OK), file


def test_launch_files_presets_and_markers_are_installed(installed: Path) -> None:
    """With the share folder and the index entry of each package."""
    share = installed / "vjepa2_bringup" / "share" / "vjepa2_bringup"
    for folder, ending in (("launch", "*.launch.py"), ("config", "*.yaml")):
        source = {file.name for file in (ROOT / folder).glob(ending)} - {"world_model_small.json"}
        assert {file.name for file in (share / folder).glob(ending)} == source
    share = installed / "vjepa2_gazebo" / "share" / "vjepa2_gazebo"
    for file in ("worlds/table.sdf", "config/bridge.yaml", "launch/world.launch.py"):
        assert (share / file).is_file(), file
    for package in NODES:
        index = installed / package / "share/ament_index/resource_index/packages" / package
        assert index.exists(), index


def test_manifests_are_of_format_3_and_complete() -> None:
    """REP 149; each package of ours and of ROS that is imported is named."""
    for package in (*NODES, "vjepa2_msgs"):
        manifest = ElementTree.parse(SOURCES / package / "package.xml").getroot()
        assert manifest.get("format") == "3"
        for tag in ("name", "version", "description", "maintainer", "license"):
            assert manifest.findtext(tag), (package, tag)
        named = {element.text for element in manifest.iter() if element.tag.endswith("depend")}
        for file in (SOURCES / package).rglob("*.py"):
            imported = set(re.findall(r"^\s*(?:from|import) (\w+)", file.read_text(), re.M))
            missing = imported & {*NODES, "vjepa2_msgs", *OF_ROS} - named - {package}
            assert not missing, (package, file.name, missing)
