"""The world of Gazebo: valid SDF, and the same arm, table and camera as MuJoCo's."""

from __future__ import annotations

import ctypes
import glob
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from vjepa2_gazebo.world import world
from vjepa2_robot.fr3 import (
    FINGERS,
    FLANGE_TO_TCP,
    JOINT_LOWER,
    JOINT_SPEED,
    JOINT_UPPER,
    JOINTS,
    Fr3,
)
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.scene import HOME_JOINTS

FILE = Path(__file__).parents[3] / "ros2_ws/src/vjepa2_gazebo/worlds/table.sdf"
NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")


@pytest.fixture(scope="module")
def sdf() -> ET.Element:
    """The root of the file."""
    return ET.parse(FILE).getroot()


@pytest.fixture(scope="module")
def robot(sdf: ET.Element) -> ET.Element:
    """The model of the arm."""
    found = sdf.find("world/model[@name='fr3']")
    assert found is not None
    return found


def placed(element: ET.Element) -> np.ndarray:
    """Pose [4, 4] of an element, where it says one."""
    values = np.array((element.findtext("pose") or "0 0 0 0 0 0").split(), dtype=float)
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler("xyz", values[3:]).as_matrix()
    pose[:3, 3] = values[:3]
    return pose


def check(file: Path) -> int:
    """What `gz sdf --check` makes of a file: it calls this very function of libsdformat."""
    libraries = sorted(glob.glob("/usr/lib/*/libsdformat*.so.*"), key=len)
    assert libraries, "libsdformat is missing: scripts/apt-packages installs it"
    library = ctypes.CDLL(libraries[0])
    library.cmdCheck.argtypes = [ctypes.c_char_p]
    return int(library.cmdCheck(str(file).encode()))


def test_libsdformat_finds_it_valid(
    sdf: ET.Element, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without a word of warning, in a version that Debian's library knows; a bad file is found."""
    major, minor = map(int, sdf.get("version", "").split("."))
    assert (major, minor) <= (1, 9)
    assert check(FILE) == 0
    said = capfd.readouterr()
    assert said.out.strip() == "Valid."
    assert said.err == ""
    bad = tmp_path / "bad.sdf"
    bad.write_text(FILE.read_text().replace("<child>fr3_link4</child>", "<child>gone</child>"))
    assert check(bad) != 0


def test_the_file_is_what_the_scene_gives() -> None:
    """Else write it anew: `python -m vjepa2_gazebo.world`."""
    written, expected = FILE.read_text(), world()
    assert NUMBER.sub("", written) == NUMBER.sub("", expected)
    here, there = (np.array(NUMBER.findall(text), dtype=float) for text in (written, expected))
    np.testing.assert_allclose(here, there, atol=1e-6)


def test_it_needs_no_other_file(sdf: ET.Element) -> None:
    """No mesh, no model from elsewhere: it can be opened on any host."""
    assert not [tag for tag in ("uri", "mesh", "include") for _ in sdf.iter(tag)]


def test_links_make_the_arm_that_the_driver_thinks_of(robot: ET.Element) -> None:
    """Chained through their joints they put the point between the fingertips at the same place."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        positions = rng.uniform(JOINT_LOWER, JOINT_UPPER)
        pose = drawn(robot, dict(zip(JOINTS, positions, strict=True)))
        np.testing.assert_allclose(pose, Fr3().kinematics(positions).homogeneous, atol=1e-6)


def drawn(robot: ET.Element, positions: dict[str, float]) -> np.ndarray:
    """Pose [4, 4] of the point between the fingertips, by links and joints of the file."""
    links = {link.get("name"): link for link in robot.iter("link")}
    joints = {joint.findtext("child"): joint for joint in robot.iter("joint")}
    name, pose = "fr3_hand", np.eye(4)
    pose[2, 3] = FLANGE_TO_TCP[2, 3]
    while name != "fr3_link0":
        joint, turned = joints[name], np.eye(4)
        if joint.get("type") == "revolute":
            axis = np.array((joint.findtext("axis/xyz") or "").split(), dtype=float)
            turn = Rotation.from_rotvec(positions[joint.get("name", "")] * axis)
            turned[:3, :3] = turn.as_matrix()
        pose = placed(links[name]) @ turned @ pose
        where, name = links[name].find("pose"), joint.findtext("parent") or ""
        assert where is not None and where.get("relative_to") == name
    assert not links["fr3_link0"].find("pose")
    return pose


def test_every_joint_has_a_controller_and_its_limits(robot: ET.Element) -> None:
    """At home at first, at the rated speed, within the range that the driver keeps to."""
    controllers = {
        element.findtext("joint_name"): element
        for element in robot.iter("plugin")
        if element.get("name") == "gz::sim::systems::JointPositionController"
    }
    assert list(controllers) == [*JOINTS, *FINGERS]
    joints = {joint.get("name"): joint for joint in robot.iter("joint")}
    for number, name in enumerate(JOINTS):
        controller, joint = controllers[name], joints[name]
        assert float(controller.findtext("initial_position") or "") == pytest.approx(
            HOME_JOINTS[number]
        )
        assert float(controller.findtext("cmd_max") or "") == JOINT_SPEED[number]
        assert controller.findtext("use_velocity_commands") == "true"
        lower, upper = (
            float(joint.findtext(f"axis/limit/{end}") or "") for end in ("lower", "upper")
        )
        # Gazebo starts joints at 0, so that must be allowed too.
        assert lower == min(JOINT_LOWER[number], 0.0)
        assert upper == max(JOINT_UPPER[number], 0.0)
    for name in FINGERS:
        limit = joints[name].find("axis/limit")
        assert limit is not None
        assert (limit.findtext("lower"), limit.findtext("upper")) == ("0", "0.04")


def test_the_camera_looks_where_mujoco_s_does(sdf: ET.Element) -> None:
    """From the same place at the same point, upright, with the same field of view."""
    camera = sdf.find("world/model[@name='camera']")
    assert camera is not None
    pose, placement = placed(camera), CameraPlacement()
    np.testing.assert_allclose(pose[:3, 3], placement.position(), atol=1e-6)
    ahead = np.asarray(placement.look_at) - placement.position()
    np.testing.assert_allclose(pose[:3, 0], ahead / np.linalg.norm(ahead), atol=1e-6)
    assert abs(pose[2, 1]) < 1e-9 and pose[2, 2] > 0
    sensor = camera.find("link/sensor/camera")
    assert sensor is not None
    assert float(sensor.findtext("horizontal_fov") or "") == pytest.approx(np.radians(36.0))
    assert sensor.findtext("image/width") == sensor.findtext("image/height")


def test_cup_and_box_stand_on_the_table(sdf: ET.Element) -> None:
    """Their undersides are at its top, and they can be grasped: both fit the hand."""
    top = sdf.find("world/model[@name='table_top']")
    assert top is not None
    size = (top.findtext("link/collision/geometry/box/size") or "").split()
    height = placed(top)[2, 3] + float(size[2]) / 2
    assert height == pytest.approx(0.0)
    for name, half in (("cup", 0.045), ("box", 0.021)):
        thing = sdf.find(f"world/model[@name='{name}']")
        assert thing is not None and thing.findtext("static") is None
        assert placed(thing)[2, 3] - half == pytest.approx(height)


def test_the_way_home_is_clear(robot: ET.Element) -> None:
    """From all joints at 0 to home the hand stays well above table, cup and box."""
    steps = np.linspace(0.0, 2.0, 200)
    home = np.array(HOME_JOINTS)
    for elapsed in steps:
        at = np.sign(home) * np.minimum(np.abs(home), JOINT_SPEED * elapsed)
        assert drawn(robot, dict(zip(JOINTS, at, strict=True)))[2, 3] > 0.15
