"""Pieces of SDF: numbers, poses, shapes, masses."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import mujoco
import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.transform import Rotation


def text(parent: ET.Element, tag: str, value: object, **attributes: str) -> ET.Element:
    """Add an element with a text."""
    element = ET.SubElement(parent, tag, attributes)
    element.text = value if isinstance(value, str) else numbers(value)
    return element


def numbers(values: Any) -> str:
    """One number or several; what rounding alone keeps from zero is zero."""
    return " ".join(
        f"{value:.9g}" for value in np.where(np.abs(values) < 1e-9, 0.0, values).ravel()
    )


def pose(
    parent: ET.Element, position: ArrayLike, quaternion: ArrayLike, **attributes: str
) -> None:
    """Add a pose: position [3] m, orientation as MuJoCo has it [4], w x y z."""
    turn = Rotation.from_quat(np.asarray(quaternion), scalar_first=True)
    angles = turn.as_euler("xyz", suppress_warnings=True)
    text(parent, "pose", np.concatenate([np.asarray(position), angles]), **attributes)


def box(half_edges: ArrayLike) -> ET.Element:
    """Geometry of a box."""
    return _shape("box", size=2 * np.asarray(half_edges))


def cylinder(radius: float, half_length: float) -> ET.Element:
    """Geometry of a cylinder along z."""
    return _shape("cylinder", radius=radius, length=2 * half_length)


def plane(size: ArrayLike) -> ET.Element:
    """Geometry of a level plane, of which a size [2] m is drawn."""
    return _shape("plane", normal=[0.0, 0.0, 1.0], size=size)


def geometry(model: mujoco.MjModel, geom: int) -> ET.Element:
    """The geometry of a box, a capsule or a cylinder of MuJoCo."""
    size = model.geom_size[geom]
    match model.geom_type[geom]:
        case mujoco.mjtGeom.mjGEOM_BOX:
            return box(size)
        case mujoco.mjtGeom.mjGEOM_CYLINDER:
            return cylinder(size[0], size[1])
        case mujoco.mjtGeom.mjGEOM_CAPSULE:
            return _shape("capsule", radius=size[0], length=2 * size[1])
        case other:
            raise ValueError(f"geom {geom} is of type {other}, which is none of these")


def inertial(link: ET.Element, model: mujoco.MjModel, body: int) -> None:
    """Add mass and inertia of a body of MuJoCo."""
    element = ET.SubElement(link, "inertial")
    pose(element, model.body_ipos[body], model.body_iquat[body])
    text(element, "mass", model.body_mass[body])
    inertia = ET.SubElement(element, "inertia")
    for axis, value in zip("xyz", model.body_inertia[body], strict=True):
        text(inertia, f"i{axis}{axis}", value)
    for axes in ("xy", "xz", "yz"):
        text(inertia, f"i{axes}", 0.0)


def collision(link: ET.Element, name: str, shape: ET.Element, friction: float) -> ET.Element:
    """Add something to touch."""
    element = ET.SubElement(link, "collision", name=name)
    element.append(shape)
    surface = ET.SubElement(ET.SubElement(element, "surface"), "friction")
    ode = ET.SubElement(surface, "ode")
    text(ode, "mu", friction)
    text(ode, "mu2", friction)
    return element


def visual(link: ET.Element, name: str, shape: ET.Element, rgba: ArrayLike) -> ET.Element:
    """Add something to see."""
    element = ET.SubElement(link, "visual", name=name)
    element.append(shape)
    material = ET.SubElement(element, "material")
    for tag in ("ambient", "diffuse"):
        text(material, tag, rgba)
    text(material, "specular", [0.0, 0.0, 0.0, 1.0])
    return element


def plugin(parent: ET.Element, name: str, library: str, **settings: object) -> ET.Element:
    """Add a system of gz-sim, by the last part of its class name."""
    element = ET.SubElement(
        parent, "plugin", name=f"gz::sim::systems::{name}", filename=f"gz-sim-{library}-system"
    )
    for tag, value in settings.items():
        text(element, tag, value)
    return element


def _shape(kind: str, **sizes: Any) -> ET.Element:
    element = ET.Element("geometry")
    shape = ET.SubElement(element, kind)
    for tag, size in sizes.items():
        text(shape, tag, size)
    return element
