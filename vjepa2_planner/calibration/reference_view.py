"""What the camera saw while it was calibrated: by it one sees that the camera was moved since."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

WIDTH = 256
"""Pictures are compared at this width [px]: finer edges are noise."""
TOLERANCE = 5
"""Width of an edge, in px at WIDTH, within which another one counts as the same."""
STILL = 0.9
"""Least share of the reference's edges that a camera finds again that was not moved.

Measured in the simulation, arm anywhere in the workspace, pictures of 128 and 256 px, 12 views
each: not moved 0.99 to 1.00; moved by 1 degree 0.95 to 0.99, by 3 degrees 0.71 to 0.88, by 5
degrees 0.59 to 0.66, by 10 degrees 0.39 to 0.47. Phase correlation, ORB features and ECC did not
tell them apart: the arm moves too, and a bare table has no features.
"""
MIN_EDGE_PIXELS = 60
CHANGED = 20
"""Levels of 255 from which on a pixel counts as changed."""

Picture = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class ReferenceView:
    """picture: median of many, uint8 RGB [H, W, 3]. static: where nothing moved [H, W]."""

    picture: Picture
    static: NDArray[np.bool_]


def reference_view(frames: Sequence[Picture]) -> ReferenceView:
    """The still surroundings in a few dozen pictures [H, W, 3] that the arm moves in."""
    stack = np.stack(frames)
    picture = np.median(stack, axis=0).astype(np.uint8)
    changed = np.abs(stack.astype(np.int16) - picture).max(axis=-1) > CHANGED
    return ReferenceView(picture, changed.mean(axis=0) < 0.1)


def agreement(reference: ReferenceView, live: Picture) -> float | None:
    """Share of the reference's still edges that the live view has in the same place, 0 to 1.

    None where the reference has too few edges to tell, or the sizes differ.
    """
    if live.shape != reference.picture.shape:
        return None
    still = cv2.erode(_scaled(reference.static.astype(np.uint8)), np.ones((5, 5), np.uint8)) > 0
    edges = _edges(reference.picture) & still
    if edges.sum() < MIN_EDGE_PIXELS:
        return None
    near = cv2.dilate(_edges(live).astype(np.uint8), np.ones((TOLERANCE, TOLERANCE), np.uint8))
    return float((near[edges] > 0).mean())


def moved_warning(reference: ReferenceView, live: Picture) -> str:
    """A sentence where the camera seems to have been moved or cannot be compared; else empty."""
    share = agreement(reference, live)
    if share is None:
        return "the live view cannot be compared with the calibration's reference view"
    if share < STILL:
        return (
            f"only {share:.0%} of the still edges are where they were when the camera was "
            f"calibrated (under {STILL:.0%}): it was moved, or the table was cleared; compare the "
            "overlay and calibrate again"
        )
    return ""


def overlay(reference: ReferenceView, live: Picture) -> Picture:
    """Both views in one: the reference's brightness in red, the live one in green and blue.

    What stands where it stood is grey. Views of different sizes are brought to the reference's.
    """
    height, width = reference.picture.shape[:2]
    resized = cv2.resize(live, (width, height), interpolation=cv2.INTER_AREA)
    before, now = (cv2.cvtColor(x, cv2.COLOR_RGB2GRAY) for x in (reference.picture, resized))
    return np.stack([before, now, now], axis=-1)


def write_reference(path: Path, reference: ReferenceView) -> None:
    """PNG whose alpha channel says what is static. Raises OSError."""
    alpha = np.where(reference.static, 255, 96).astype(np.uint8)
    write_picture(path, np.dstack([reference.picture, alpha]))


def read_reference(path: Path) -> ReferenceView:
    """What `write_reference` wrote. Raises OSError or ValueError."""
    with Image.open(path) as image:
        pixels = np.array(image.convert("RGBA"), dtype=np.uint8)
    return ReferenceView(np.ascontiguousarray(pixels[..., :3]), pixels[..., 3] == 255)


def write_picture(path: Path, pixels: Picture) -> None:
    """Store a picture as PNG, whole or not at all. Raises OSError."""
    partial = path.with_name(path.name + ".partial")
    Image.fromarray(np.ascontiguousarray(pixels)).save(partial, format="PNG")
    partial.replace(path)


def _scaled(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    size = (WIDTH, max(round(height * WIDTH / width), 1))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _edges(picture: Picture) -> NDArray[np.bool_]:
    grey = cv2.cvtColor(_scaled(picture), cv2.COLOR_RGB2GRAY)
    edges: NDArray[np.bool_] = cv2.Canny(cv2.GaussianBlur(grey, (0, 0), 2.0), 30, 60) > 0
    return edges
