"""Mesh decimation."""

import mujoco
import numpy as np

from vjepa2_sim.light_meshes import cluster_vertices
from vjepa2_sim.scene import TableScene


def test_clustering_keeps_the_shape():
    """A fine sphere becomes a coarse one: fewer faces, vertices still near the surface."""
    angles = np.linspace(0, 2 * np.pi, 60)
    heights = np.linspace(-0.99, 0.99, 40)
    ring = np.sqrt(1 - heights**2)
    vertices = np.stack(
        [
            np.outer(ring, np.cos(angles)).ravel(),
            np.outer(ring, np.sin(angles)).ravel(),
            np.repeat(heights, 60),
        ],
        axis=1,
    )
    first = (np.arange(39)[:, None] * 60 + np.arange(59)).ravel()
    faces = np.stack([first, first + 1, first + 60], axis=1)
    merged, kept = cluster_vertices(vertices, faces, 0.25)
    assert len(kept) < len(faces) / 3
    assert kept.max() < len(merged)
    np.testing.assert_allclose(np.linalg.norm(merged, axis=1), 1.0, atol=0.06)


def test_the_arm_is_drawn_with_few_triangles_and_keeps_its_mass():
    """The visual meshes shrink from 250,000 triangles to a few thousand; dynamics stay."""
    sim, _ = TableScene().build()
    with sim:
        sim.start()
        model = sim.model
        meshes = model.geom_type == mujoco.mjtGeom.mjGEOM_MESH
        drawn = model.geom_dataid[meshes & (model.geom_group == 2)]
        assert 2_000 < model.mesh_facenum[drawn].sum() < 30_000
        assert model.body_subtreemass[model.body("robot0_fr3_link1").id] > 15.0
