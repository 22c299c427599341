"""Writes the world: `python -m vjepa2_gazebo.world > ros2_ws/src/vjepa2_gazebo/worlds/table.sdf`.

It is the MuJoCo scene, number by number; only the arm is drawn in simple shapes, as meshes would
have to be installed beside it.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET

import mujoco

from vjepa2_gazebo import names
from vjepa2_gazebo.elements import text
from vjepa2_gazebo.robot import fit_shapes, robot
from vjepa2_gazebo.surroundings import surroundings, systems
from vjepa2_sim.scene import TableScene
from vjepa2_sim.table_objects import SLOTS

SDF_VERSION = "1.9"
STEP_S = 0.004
"""Of the physics, and between two measurements of the joints [s]."""
ORIGIN = """
  Written by `python -m vjepa2_gazebo.world`; do not edit.
  Kinematics, masses and sizes of the arm: franky-sim's FR3, from mujoco_menagerie (Copyright 2026
  Google DeepMind) and franka_description (Copyright 2023 Franka Robotics GmbH), both Apache-2.0;
  changed: written as SDF, with capsules and boxes fitted to the meshes.
"""


def world() -> str:
    """The whole file."""
    simulator, _ = TableScene(objects=SLOTS).build()
    fit_shapes(simulator.scene)
    model = mujoco.MjModel.from_xml_string(ET.tostring(simulator.scene, encoding="unicode"))
    root = ET.Element("sdf", version=SDF_VERSION)
    root.append(ET.Comment(ORIGIN))
    element = ET.SubElement(root, "world", name=names.WORLD)
    physics = ET.SubElement(element, "physics", name="steps", type="dart")
    text(physics, "max_step_size", STEP_S)
    text(physics, "real_time_factor", 1.0)
    systems(element)
    scene = ET.SubElement(element, "scene")
    text(scene, "ambient", [*model.vis.headlight.ambient, 1.0])
    text(scene, "background", [0.0, 0.0, 0.0, 1.0])
    text(scene, "shadows", "false")
    text(element, "gravity", model.opt.gravity)
    element.extend(surroundings(model))
    element.append(robot(model))
    ET.indent(root)
    return f'<?xml version="1.0"?>\n{ET.tostring(root, encoding="unicode")}\n'


if __name__ == "__main__":
    sys.stdout.write(world())
