"""The last live view, and how long views took from capture to latent."""

from __future__ import annotations

import math
import threading
from collections import deque

import numpy as np

from vjepa2_msgs.msg import WorldModelStatus
from vjepa2_node.stamps import to_time
from vjepa2_world_model import wire
from vjepa2_world_model.access import EncodedView
from vjepa2_world_model.latents import LatentId

WINDOW = 1000
"""Views that the percentiles are taken over."""


class ViewLog:
    """What is published about live views. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latencies: deque[float] = deque(maxlen=WINDOW)
        self._last: tuple[EncodedView, LatentId | None] | None = None

    def record(self, view: EncodedView, goal: LatentId | None, latency: float) -> None:
        """A view was encoded; latency: from capture to latent [s]."""
        with self._lock:
            self._latencies.append(latency)
            self._last = view, goal

    def describe(self, status: WorldModelStatus) -> None:
        """Fill in what is known of live views; times and energy are NaN before the first."""
        with self._lock:
            last, latencies = self._last, np.array(self._latencies)
        if last is None:
            status.energy = status.encoding_seconds = math.nan
            status.latency = status.latency_p50 = status.latency_p99 = math.nan
            return
        view, goal = last
        status.header.stamp = to_time(view.stamp)
        status.energy = view.energy
        status.encoding_seconds = view.encoding_seconds
        status.latency = float(latencies[-1])
        status.latency_p50, status.latency_p99 = np.percentile(latencies, (50, 99)).tolist()
        if goal is not None:
            status.goal = wire.to_message(goal)
