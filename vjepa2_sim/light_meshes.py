"""Lighter visual meshes: the FR3's own have 250,000 triangles, too many to draw on a CPU."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import cache

import mujoco
import numpy as np
from numpy.typing import NDArray


def lighten_meshes(scene: ET.Element, cell_m: float = 0.012) -> None:
    """Replace each visual mesh of an MJCF scene by one with its vertices clustered.

    scene: root element, changed in place; its compiler's `meshdir` is where the meshes lie.
    cell_m: edge of the cubes within which vertices are merged [m]; small meshes get finer ones.
    """
    asset, compiler = scene.find("asset"), scene.find("compiler")
    if asset is None or compiler is None:
        raise ValueError("scene has no <asset> or <compiler> element: build the robot first")
    drawn = {g.get("mesh") for g in scene.iter("geom") if g.get("class") == "visual"}
    touched = {g.get("mesh") for g in scene.iter("geom") if g.get("class") == "collision"}
    for mesh in asset.findall("mesh"):
        name, file = mesh.get("name", ""), mesh.get("file")
        if name not in drawn - touched or file is None:
            continue
        vertices, faces = _lightened(f"{compiler.get('meshdir')}/{file}", cell_m)
        del mesh.attrib["file"]
        mesh.set("vertex", " ".join(f"{v:.5f}" for v in vertices.ravel()))
        mesh.set("face", " ".join(map(str, faces.ravel())))
        # These meshes are never touched, so their (possibly open) volume does not matter.
        mesh.set("inertia", "shell")


@cache
def _lightened(file: str, cell_m: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    vertices, faces = _load(file)
    cell = min(cell_m, float(np.ptp(vertices, axis=0).max()) / 8)
    return cluster_vertices(vertices, faces, cell)


def _load(file: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Read a mesh with MuJoCo, undoing its shift to the centre of mass."""
    spec = mujoco.MjSpec()
    spec.add_mesh(name="mesh", file=file, inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL)
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname="mesh")
    model = spec.compile()
    turn = np.zeros(9)
    mujoco.mju_quat2Mat(turn, model.mesh_quat[0])
    vertices = model.mesh_vert.astype(np.float64) @ turn.reshape(3, 3).T + model.mesh_pos[0]
    return vertices, model.mesh_face.astype(np.int64)


def cluster_vertices(
    vertices: NDArray[np.float64], faces: NDArray[np.int64], cell: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Merge the vertices [V,3] within each cubic cell into their mean; drop collapsed faces [F,3].

    Source: Rossignac and Borrel, "Multi-resolution 3D approximations", 1993.
    """
    keys = np.floor(vertices / cell).astype(np.int64)
    _, cluster = np.unique(keys, axis=0, return_inverse=True)
    cluster = cluster.reshape(-1)
    count = np.bincount(cluster)
    merged = np.stack([np.bincount(cluster, weights=axis) / count for axis in vertices.T], axis=1)
    mapped = cluster[faces]
    whole = (
        (mapped[:, 0] != mapped[:, 1])
        & (mapped[:, 1] != mapped[:, 2])
        & (mapped[:, 2] != mapped[:, 0])
    )
    kept = mapped[whole]
    _, first = np.unique(np.sort(kept, axis=1), axis=0, return_index=True)
    return merged, kept[np.sort(first)]
