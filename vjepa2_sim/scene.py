"""The table-top scene: an FR3 on a table, one external camera, soft lights, optional objects."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import mujoco
import numpy as np
from franky_sim.mujoco_simulator import FrankaMujocoRobot, MujocoSimulator

from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.light_meshes import lighten_meshes

CAMERA = "external"
MAX_PICTURE = 640
"""Largest edge of a picture in pixels."""
HOME_JOINTS = (0.0, -0.35, 0.0, -2.2, 0.0, 1.85, -np.pi / 4)
"""Joint positions [rad] with the hand over the middle of the workspace, pointing down."""
HAND_DOWN = (np.pi, 0.0, np.pi / 2)
"""Its extrinsic xyz Euler angles [rad]. The fingers open along x: the camera, which stands at the
robot's left, sees how far; with fingers along y it would look past one at the other."""
OPENING, SHADE = 0.82, 0.35
"""Radius of a cup's drawn opening, in radii of the cup, and its brightness, in that of the cup."""


@dataclass(frozen=True)
class TableObject:
    """A thing on the table: a "box" (size: half edges) or a "cup" (size: radius, half height).

    position: centre of the object [m, robot base frame]. yaw: about the vertical [rad].
    mass: [kg]. Both shapes are solid; a cup's opening is drawn and not hollow.
    """

    name: str
    shape: str
    position: tuple[float, float, float]
    size: tuple[float, ...]
    rgba: tuple[float, float, float, float] = (0.8, 0.3, 0.2, 1.0)
    mass: float = 0.1
    yaw: float = 0.0

    @property
    def half_height(self) -> float:
        """From the object's centre to its top [m]."""
        return self.size[-1]


@dataclass(frozen=True)
class Lighting:
    """Brightness (a factor) and colour (a factor per RGB channel) of all lights."""

    intensity: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @classmethod
    def jittered(cls, rng: np.random.Generator) -> Lighting:
        """Mildly brighter or darker, warmer or colder light."""
        intensity = rng.uniform(0.85, 1.15)
        red, green, blue = rng.uniform(0.95, 1.05, 3)
        return cls(intensity, (red, green, blue))


@dataclass(frozen=True)
class TableScene:
    """What stands on the table and how the arm stands in it at the start."""

    objects: tuple[TableObject, ...] = ()
    camera: CameraPlacement = field(default_factory=CameraPlacement)
    initial_joints: tuple[float, ...] = HOME_JOINTS
    initial_gripper_width: float = 0.08

    def build(self) -> tuple[MujocoSimulator, FrankaMujocoRobot]:
        """Simulator, not yet started, that holds this scene, and the robot in it."""
        sim = MujocoSimulator()
        robot = sim.add_robot(
            initial_q=self.initial_joints, initial_hand_width=self.initial_gripper_width
        )
        lighten_meshes(sim.scene)
        _draw_without_effects(sim.scene)
        _grip_without_slipping(sim.scene)
        _flatten_fingertips(sim.scene)
        _add_surroundings(sim.scene, sim.worldbody)
        for thing in self.objects:
            _add_object(sim.worldbody, thing)
        ET.SubElement(sim.worldbody, "camera", name=CAMERA, **_camera_attributes(self.camera))
        return sim, robot


def place_camera(model: mujoco.MjModel, placement: CameraPlacement) -> None:
    """Move the external camera of a compiled scene; no recompilation is needed."""
    camera = model.camera(CAMERA)
    camera.pos[:] = placement.position()
    camera.quat[:] = placement.quaternion()
    camera.fovy[:] = placement.fovy_deg


LIGHTS: dict[str, tuple[str, float]] = {
    "key_light": ("-0.3 -0.7 -1", 0.45),
    "fill_light": ("-0.8 0.5 -0.7", 0.25),
    "rim_light": ("0.9 0.2 -0.5", 0.15),
}
"""Direction and brightness of each light; all directional and without shadows."""


def light_scene(model: mujoco.MjModel, lighting: Lighting) -> None:
    """Set the brightness and colour of the lights of a compiled scene."""
    tint = np.asarray(lighting.tint)
    for name, (_, brightness) in LIGHTS.items():
        model.light(name).diffuse[:] = brightness * lighting.intensity * tint


def _draw_without_effects(scene: ET.Element) -> None:
    visual = scene.find("visual")
    if visual is None:
        raise ValueError("the simulator's scene has no <visual> element to set render quality in")
    visual.clear()
    ET.SubElement(
        visual, "headlight", ambient="0.35 0.35 0.35", diffuse="0.15 0.15 0.15", specular="0 0 0"
    )
    # Shadows and multisampling cost ten times the rest of the picture on a CPU.
    ET.SubElement(visual, "quality", shadowsize="0", offsamples="0")
    ET.SubElement(visual, "global", offwidth=str(MAX_PICTURE), offheight=str(MAX_PICTURE))
    ET.SubElement(visual, "map", znear="0.05", zfar="20")


def _grip_without_slipping(scene: ET.Element) -> None:
    option = scene.find("option")
    if option is None:
        option = ET.SubElement(scene, "option")
    # Otherwise a round cup creeps between the fingers, which therefore never come to rest, and
    # franky-sim never ends the command that closes them. MuJoCo's `noslip_iterations` would stop
    # it too, but also makes the arm's joints stick, wherever they happen to be.
    option.set("cone", "elliptic")
    option.set("impratio", "10")


def _flatten_fingertips(scene: ET.Element) -> None:
    """Replace a plate with four bumps by one plate that reaches as far.

    A round cup is pressed in between the bumps; they then hold it from its sides, so that it hangs
    from one finger when the fingers have opened.
    """
    for body in scene.iter("body"):
        for geom in body.findall("geom"):
            kind, _, number = geom.get("class", "").rpartition("_")
            if not kind.endswith("fingertip_pad_collision"):
                continue
            if number == "1":
                geom.set("pos", "0 0.004 0.0445")
            else:
                body.remove(geom)


def _add_surroundings(scene: ET.Element, worldbody: ET.Element) -> None:
    for light in worldbody.findall("light"):
        direction, brightness = LIGHTS[light.get("name", "")]
        light.attrib.update(
            dir=direction, diffuse=" ".join([str(brightness)] * 3), specular="0 0 0"
        )
        light.set("castshadow", "false")
    for geom in worldbody.findall("geom"):
        if geom.get("name") == "ground":
            geom.attrib.pop("material")
            geom.attrib.update(pos="0 0 -0.75", rgba="0.33 0.36 0.40 1")
    ET.SubElement(
        worldbody,
        "geom",
        name="table",
        type="box",
        pos="0.45 0 -0.02",
        size="0.65 0.7 0.02",
        rgba="0.62 0.50 0.38 1",
    )
    # The arm stands on the table: its foot would rub against it.
    contact = scene.find("contact")
    if contact is not None:
        for link in ("fr3_link0", "fr3_link1"):
            ET.SubElement(contact, "exclude", body1="world", body2=f"robot0_{link}")


def _add_object(worldbody: ET.Element, thing: TableObject) -> None:
    shapes = {"box": "box", "cup": "cylinder"}
    if thing.shape not in shapes:
        raise ValueError(
            f"object {thing.name!r}: unknown shape {thing.shape!r}, use one of {sorted(shapes)}"
        )
    body = ET.SubElement(
        worldbody,
        "body",
        name=thing.name,
        pos=_numbers(thing.position),
        euler=_numbers((0.0, 0.0, thing.yaw)),
    )
    ET.SubElement(body, "freejoint", name=f"{thing.name}_joint")
    ET.SubElement(
        body,
        "geom",
        name=f"{thing.name}_body",
        type=shapes[thing.shape],
        size=_numbers(thing.size),
        rgba=_numbers(thing.rgba),
        mass=str(thing.mass),
        friction="1 0.02 0.001",
        # Rolling and spinning meet friction, too: a cup that falls over comes to rest.
        condim="6",
        # Firmer than MuJoCo's default, in which fingers would sink 3 mm into a light cup.
        solref="0.006 1",
    )
    if thing.shape == "cup":
        ET.SubElement(
            body,
            "geom",
            name=f"{thing.name}_opening",
            type="cylinder",
            pos=_numbers((0.0, 0.0, thing.half_height)),
            size=_numbers((OPENING * thing.size[0], 0.0005)),
            rgba=_numbers((*(SHADE * c for c in thing.rgba[:3]), thing.rgba[3])),
            mass="0",
            contype="0",
            conaffinity="0",
        )


def _camera_attributes(placement: CameraPlacement) -> dict[str, Any]:
    return {
        "pos": _numbers(placement.position()),
        "quat": _numbers(placement.quaternion()),
        "fovy": str(placement.fovy_deg),
    }


def _numbers(values: Sequence[float] | np.ndarray) -> str:
    return " ".join(f"{v:.9g}" for v in values)
