"""Which recorded pictures make up an episode of a constant frame rate. Stamps: int64 [ns]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Stamps = NDArray[np.int64]

NANOSECONDS = 1_000_000_000


def own_rate(intervals: Stamps) -> float:
    """Frames per second of a camera from the intervals [ns] between its pictures.

    A rate within 5 % of a whole number is that number: a camera set to 15 Hz has 14.97.
    """
    rate = NANOSECONDS / float(np.median(intervals))
    whole = round(rate)
    return float(whole) if whole and abs(rate / whole - 1.0) < 0.05 else rate


def split_at_gaps(stamps: Stamps, max_gap: float) -> list[NDArray[np.intp]]:
    """Indices of ascending `stamps`, cut wherever more than `max_gap` [s] lies between two."""
    cuts = np.flatnonzero(np.diff(stamps) > max_gap * NANOSECONDS) + 1
    return [piece for piece in np.split(np.arange(len(stamps)), cuts) if piece.size]


def split_evenly(stamps: Stamps, max_seconds: float) -> list[NDArray[np.intp]]:
    """Indices of ascending `stamps`, cut into as few equal pieces as are short enough."""
    seconds = float(stamps[-1] - stamps[0]) / NANOSECONDS
    pieces = max(1, int(np.ceil(seconds / max_seconds)))
    return list(np.array_split(np.arange(len(stamps)), pieces))


def at_constant_rate(stamps: Stamps, fps: float) -> NDArray[np.intp]:
    """Index of the picture nearest to each tick of `fps`, from the first picture to the last.

    A picture appears twice where one is missing, and is left out where there are too many.
    """
    if len(stamps) < 2:
        return np.zeros(len(stamps), dtype=np.intp)
    seconds = (stamps - stamps[0]) / NANOSECONDS
    # The last picture may be early by its jitter.
    grace = 0.5 * min(1.0 / fps, float(np.median(np.diff(seconds))))
    ticks = np.arange(int((seconds[-1] + grace) * fps) + 1) / fps
    after = np.clip(np.searchsorted(seconds, ticks), 1, len(seconds) - 1)
    nearer_after = seconds[after] - ticks < ticks - seconds[after - 1]
    return np.where(nearer_after, after, after - 1)
