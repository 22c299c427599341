"""A simulated episode as a recording in the layout of real ones."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from vjepa2_data.recording import Recording
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.episode import SimulatedEpisode

FPS = 4.0
"""Frames a second: one a step."""


def recording_of(episode: SimulatedEpisode, seed: int, number: int) -> Recording:
    """The episode as it is written; success and objects' names are for filters and plots alone."""
    return Recording(
        frames=episode.frames,
        states=episode.states.astype(np.float64),
        fps=FPS,
        extrinsics=np.tile(camera_pose(episode.camera), (len(episode.states), 1)),
        metadata={
            "seed": seed,
            "episode": number,
            "kind": episode.kind,
            "success": episode.success,
            "objects": [asdict(thing) for thing in episode.objects],
            "camera_angle_deg": episode.camera.angle_deg,
            "camera_elevation_deg": episode.camera.elevation_deg,
            "light": asdict(episode.lighting),
        },
    )


def camera_pose(placement: CameraPlacement) -> NDArray[np.float64]:
    """x y z [m] and extrinsic xyz Euler angles [rad] of the camera in the base frame, [6].

    Axes as in DROID's calibrations: x right, y down and z forward in the picture.
    """
    axes = placement.rotation() * [1.0, -1.0, -1.0]
    return np.concatenate([placement.position(), Rotation.from_matrix(axes).as_euler("xyz")])
