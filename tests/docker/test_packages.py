"""The containers' package lists: neither more nor less than the nodes need, from one source."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.docker.conftest import PARTS, ROOT, apt_packages
from vjepa2.doctor.packages import host_packages, pins
from vjepa2_bringup.node_table import Arguments, nodes

KEPT_OUT = {"robot": "torch", "planning": "franky-control"}
NOT_DECLARED = {"ros-jazzy-rmw-fastrtps-cpp"}
"""What no node depends on by name: the middleware, of which there are several."""
LEFT_OUT = {"ros-jazzy-cv-bridge", "ros-jazzy-ros-gz-bridge", "ros-jazzy-ros-gz-sim"}
"""Images are the same without the first, which was compiled for numpy 1; nothing is simulated."""
OF_THE_CAMERA = {"libusb-1.0-0"}
BUILD = {"ros-jazzy-ament-cmake", "ros-jazzy-rosidl-default-generators"}

IMPORT_WITHOUT = """
import sys
from importlib import import_module

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

absent, modules = (set(words.split(",")) for words in sys.argv[1:])
sys.meta_path.insert(0, Absent())
for module in modules:
    import_module(module)
"""


def test_names_are_those_of_the_requirements(part: str) -> None:
    """So each has a pin; what the host is to do without is not among them."""
    pinned = pins((ROOT / "requirements.txt").read_text().split("\n")[:-1])
    names = host_packages(part)
    assert set(names) <= set(pinned)
    assert len(set(names)) == len(names)
    assert KEPT_OUT[part] not in names


def test_the_nodes_start_with_these_packages_only(part: str) -> None:
    """All others of the requirements are as if they were not installed."""
    pinned = pins((ROOT / "requirements.txt").read_text().split("\n")[:-1])
    left_out = set(pinned) - set(host_packages(part))
    tops = {top for top, names in packages_distributions().items() if left_out & set(names)}
    assert KEPT_OUT[part].partition("-")[0] in tops
    modules = {"vjepa2.doctor.command", "vjepa2_bringup.up", "vjepa2_bringup.lifecycle_manager"}
    for composed in (True, False):
        arguments = Arguments(
            backend="real", robot_address="10.0.0.2", part=part, composed=composed
        )
        modules |= {spec.module for spec in nodes(arguments)}
    ended = subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT, ",".join(tops), ",".join(sorted(modules))],
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr


def test_pip_installs_that_list_in_the_pinned_versions(part: str, dockerfile: Path) -> None:
    """And no other one."""
    wanted = f"--requirement {part}_packages.txt --constraint requirements.txt"
    assert wanted in dockerfile.read_text()
    assert dockerfile.read_text().count("pip install") == 2  # the list, and the project itself


def test_ros_packages_are_what_the_manifests_name(dockerfile: Path) -> None:
    """Those to run in the last stage, those to build in the first."""
    build, run = apt_packages(dockerfile)
    expected = _declared() - LEFT_OUT | NOT_DECLARED
    assert {name for name in run if name.startswith("ros-")} == expected
    assert {name for name in build if name.startswith("ros-")} == BUILD


def test_other_packages_are_of_the_apt_list(dockerfile: Path) -> None:
    """What a compiler and a virtual environment need is the same everywhere."""
    script = (ROOT / "scripts" / "apt-packages").read_text()
    known = set(re.findall(r"[\w.+-]+", script))
    for stage in apt_packages(dockerfile):
        assert {name for name in stage if not name.startswith("ros-")} <= known


def test_both_hosts_have_the_same_system() -> None:
    """They differ in pip's list, and in what the RealSense library loads."""
    planning, robot = (apt_packages(ROOT / "docker" / f"{part}.Dockerfile") for part in PARTS)
    assert [robot[0], robot[1] - OF_THE_CAMERA] == planning


def test_what_is_copied_is_let_through(dockerfile: Path) -> None:
    """By .dockerignore, which begins by leaving all out."""
    let_through = (ROOT / ".dockerignore").read_text().split()
    sources = re.findall(r"^COPY (?!--from)(?:--\S+ )?(.+) \S+$", dockerfile.read_text(), re.M)
    for source in " ".join(sources).split():
        if source != ".":
            assert (ROOT / source).exists()
            assert f"!{source}" in let_through or f"!{source.partition('/')[0]}" in let_through


def _declared() -> set[str]:
    names = {
        str(dependency.text)
        for manifest in (ROOT / "ros2_ws" / "src").glob("*/package.xml")
        for dependency in ElementTree.parse(manifest).getroot()
        if dependency.tag in ("depend", "exec_depend")
    }
    ours = {manifest.name for manifest in (ROOT / "ros2_ws" / "src").iterdir()}
    from_apt = {name for name in names - ours if not name.startswith("python3-")}
    return {"ros-jazzy-" + name.replace("_", "-") for name in from_apt}
