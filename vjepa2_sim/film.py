"""The live view next to the goal, step by step, as a film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from vjepa2_sim.camera import Image

FRAMES_PER_SECOND = 10
HELD_FRAMES = 5
"""Each view is held for half a second."""


def write_film(path: Path, views: Sequence[Image], goals: Sequence[Image]) -> None:
    """H.264 in MP4, which browsers play.

    views: uint8 [S,S,3], S even, as they are. goals: for each the goal that was pursued then, of
    the same size.
    """
    height, width, _ = goals[0].shape
    with av.open(path, "w", options={"movflags": "faststart"}) as film:
        stream = film.add_stream("libx264", rate=FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = 2 * width, height, "yuv420p"
        for view, goal in zip(views, goals, strict=True):
            picture = np.concatenate([view, goal], axis=1)
            for _ in range(HELD_FRAMES):
                film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode())
