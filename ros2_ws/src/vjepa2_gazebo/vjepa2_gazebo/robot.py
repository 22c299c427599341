"""The arm and its hand: MuJoCo's bodies, joints and masses, in shapes fitted to its meshes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import mujoco

from vjepa2_gazebo import names
from vjepa2_gazebo.elements import collision, geometry, inertial, plugin, pose, text, visual
from vjepa2_robot.fr3 import FINGERS, JOINT_SPEED, JOINTS
from vjepa2_sim.scene import HOME_JOINTS

FINGER_EFFORT, FINGER_SPEED = 20.0, 0.1
"""What a finger presses with at most [N], and how fast it moves [m/s]."""
WHITE, GREY = (0.9, 0.92, 0.93, 1.0), (0.25, 0.25, 0.25, 1.0)
_PREFIX = "robot0_"
_OPEN = 0.04
_FOOT = "fr3_link0"
# What MuJoCo's bodies are called in a Franka's robot description.
_RENAMED = {"hand": "fr3_hand", "left_finger": "fr3_leftfinger", "right_finger": "fr3_rightfinger"}


def fit_shapes(scene: ET.Element) -> None:
    """Have MuJoCo's compiler replace the meshes to touch by capsules and boxes of their size."""
    for geom in scene.iter("geom"):
        mesh = geom.get("mesh", "")
        if geom.get("class") == "collision":
            geom.set("type", "capsule" if mesh.startswith("link") else "box")


def robot(model: mujoco.MjModel) -> ET.Element:
    """The model, of a scene that went through `fit_shapes`."""
    element = ET.Element("model", name=names.ROBOT)
    foot = ET.SubElement(element, "joint", name="fr3_foot_joint", type="fixed")
    text(foot, "parent", "world")
    text(foot, "child", _FOOT)
    for body in range(model.nbody):
        name = model.body(body).name
        if name.startswith(_PREFIX) and name != f"{_PREFIX}base":
            _link(element, model, body)
    for body in range(model.nbody):
        if _name(model, body) not in ("", _FOOT):
            _joint(element, model, body)
    targets = dict(zip((*JOINTS, *FINGERS), (*HOME_JOINTS, _OPEN, _OPEN), strict=True))
    speeds = (*JOINT_SPEED, FINGER_SPEED, FINGER_SPEED)
    for (joint, target), speed in zip(targets.items(), speeds, strict=True):
        plugin(
            element,
            "JointPositionController",
            "joint-position-controller",
            joint_name=joint,
            topic=names.JOINT_TARGET.format(joint=joint),
            initial_position=target,
            # Towards the target with no gains to be tuned, as fast as cmd_max and the joint's
            # effort allow.
            use_velocity_commands="true",
            cmd_max=speed,
        )
    plugin(element, "JointStatePublisher", "joint-state-publisher", topic=names.JOINT_STATES)
    return element


def _name(model: mujoco.MjModel, body: int) -> str:
    """Of a link of the arm; empty for other bodies."""
    name: str = model.body(body).name
    if not name.startswith(_PREFIX) or name == f"{_PREFIX}base":
        return ""
    bare = name.removeprefix(_PREFIX)
    return _RENAMED.get(bare, bare)


def _link(element: ET.Element, model: mujoco.MjModel, body: int) -> None:
    name = _name(model, body)
    link = ET.SubElement(element, "link", name=name)
    if name != _FOOT:
        parent = _name(model, model.body_parentid[body])
        pose(link, model.body_pos[body], model.body_quat[body], relative_to=parent)
        # The foot is fixed to the world, and MuJoCo's mass of it is made up.
        inertial(link, model, body)
    first = model.body_geomadr[body]
    touched = [
        geom
        for geom in range(first, first + model.body_geomnum[body])
        if model.geom_group[geom] == 3
    ]
    for number, geom in enumerate(touched):
        parts = [visual(link, f"visual{number}", geometry(model, geom), _colour(name, number))]
        # The foot would rub against the table that it stands on.
        if name != _FOOT:
            friction = model.geom_friction[geom][0]
            parts.append(collision(link, f"collision{number}", geometry(model, geom), friction))
        for part in parts:
            pose(part, model.geom_pos[geom], model.geom_quat[geom])


def _joint(element: ET.Element, model: mujoco.MjModel, body: int) -> None:
    parent, child = _name(model, model.body_parentid[body]), _name(model, body)
    if not model.body_jntnum[body]:
        joint = ET.SubElement(element, "joint", name=f"{child}_joint", type="fixed")
        text(joint, "parent", parent)
        text(joint, "child", child)
        return
    number = model.body_jntadr[body]
    name = model.jnt(number).name.removeprefix(_PREFIX)
    hinge = name in JOINTS
    kind = "revolute" if hinge else "prismatic"
    joint = ET.SubElement(element, "joint", name=name if hinge else f"fr3_{name}", type=kind)
    text(joint, "parent", parent)
    text(joint, "child", child)
    axis = ET.SubElement(joint, "axis")
    text(axis, "xyz", model.jnt_axis[number])
    lower, upper = model.jnt_range[number]
    limit = ET.SubElement(axis, "limit")
    # Gazebo starts every joint at 0, where joints 4 and 6 of an FR3 cannot be: they are let.
    text(limit, "lower", min(lower, 0.0))
    text(limit, "upper", max(upper, 0.0))
    effort = model.jnt_actfrcrange[number][1] if hinge else FINGER_EFFORT
    speed = JOINT_SPEED[JOINTS.index(name)] if hinge else FINGER_SPEED
    text(limit, "effort", effort)
    text(limit, "velocity", speed)
    dynamics = ET.SubElement(axis, "dynamics")
    text(dynamics, "damping", model.dof_damping[model.jnt_dofadr[number]])


def _colour(link: str, number: int) -> tuple[float, ...]:
    pad = link.endswith("finger") and number > 0
    return GREY if pad else WHITE
