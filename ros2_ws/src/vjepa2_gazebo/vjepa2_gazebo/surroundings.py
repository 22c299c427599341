"""What is around the arm: table, floor, light, camera, cup and box."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import mujoco
import numpy as np
from scipy.spatial.transform import Rotation

from vjepa2_gazebo import names
from vjepa2_gazebo.elements import collision, geometry, inertial, plane, plugin, pose, text, visual
from vjepa2_node.names import CAMERA_FRAME
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.scene import LIGHTS
from vjepa2_sim.table_objects import SLOTS

PICTURE, FRAME_RATE = 256, 30.0
"""Edge of the square pictures [px], and how many a second."""


def surroundings(model: mujoco.MjModel) -> Iterator[ET.Element]:
    """Everything but the arm, of a scene with the objects of SLOTS."""
    yield from (_light(model, name) for name in LIGHTS)
    yield _floor(model)
    yield _table(model)
    yield _camera(CameraPlacement())
    yield from (_object(model, slot.name) for slot in SLOTS)


def _light(model: mujoco.MjModel, name: str) -> ET.Element:
    light = model.light(name)
    element = ET.Element("light", name=name, type="directional")
    text(element, "cast_shadows", "false")
    text(element, "diffuse", [*light.diffuse, 1.0])
    text(element, "specular", [0.0, 0.0, 0.0, 1.0])
    text(element, "direction", light.dir)
    return element


def _floor(model: mujoco.MjModel) -> ET.Element:
    ground = model.geom("ground")
    element, link = _static("floor")
    pose(element, ground.pos, ground.quat)
    collision(link, "collision", plane(2 * ground.size[:2]), ground.friction[0])
    visual(link, "visual", plane(2 * ground.size[:2]), ground.rgba)
    return element


def _table(model: mujoco.MjModel) -> ET.Element:
    table = model.geom("table")
    element, link = _static("table_top")
    pose(element, table.pos, table.quat)
    collision(link, "collision", geometry(model, table.id), table.friction[0])
    visual(link, "visual", geometry(model, table.id), table.rgba)
    return element


def _camera(placement: CameraPlacement) -> ET.Element:
    element, link = _static("camera")
    right, up, backward = placement.rotation().T
    # A camera of Gazebo looks along its x, with y to its left and z up.
    turn = Rotation.from_matrix(np.stack([-backward, -right, up], axis=1))
    pose(element, placement.position(), turn.as_quat(scalar_first=True))
    sensor = ET.SubElement(link, "sensor", name="camera", type="camera")
    text(sensor, "topic", names.IMAGE)
    text(sensor, "update_rate", FRAME_RATE)
    text(sensor, "always_on", "true")
    camera = ET.SubElement(sensor, "camera", name=CAMERA_FRAME)
    text(camera, "horizontal_fov", math.radians(placement.fovy_deg))
    image = ET.SubElement(camera, "image")
    text(image, "width", str(PICTURE))
    text(image, "height", str(PICTURE))
    text(image, "format", "R8G8B8")
    clip = ET.SubElement(camera, "clip")
    text(clip, "near", 0.05)
    text(clip, "far", 20.0)
    return element


def _object(model: mujoco.MjModel, name: str) -> ET.Element:
    body = model.body(name).id
    element = ET.Element("model", name=name)
    pose(element, model.body_pos[body], model.body_quat[body])
    link = ET.SubElement(element, "link", name=name)
    inertial(link, model, body)
    first = model.body_geomadr[body]
    for geom in range(first, first + model.body_geomnum[body]):
        part, friction = model.geom(geom).name, model.geom_friction[geom][0]
        shapes = [visual(link, f"{part}_visual", geometry(model, geom), model.geom_rgba[geom])]
        if model.geom_contype[geom]:
            shapes.append(collision(link, f"{part}_collision", geometry(model, geom), friction))
        for shape in shapes:
            pose(shape, model.geom_pos[geom], model.geom_quat[geom])
    return element


def _static(name: str) -> tuple[ET.Element, ET.Element]:
    element = ET.Element("model", name=name)
    text(element, "static", "true")
    return element, ET.SubElement(element, "link", name="link")


def systems(world: ET.Element) -> None:
    """Add what the world needs of gz-sim."""
    plugin(world, "Physics", "physics")
    plugin(world, "UserCommands", "user-commands")
    plugin(world, "SceneBroadcaster", "scene-broadcaster")
    plugin(world, "Sensors", "sensors", render_engine="ogre2")
