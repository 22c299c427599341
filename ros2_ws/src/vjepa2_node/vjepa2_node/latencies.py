"""How long something took lately."""

from __future__ import annotations

from collections import deque

import numpy as np

KEPT = 500


class Latencies:
    """The last KEPT durations [s]; may be used from any thread."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=KEPT)
        self.count = 0

    def took(self, seconds: float) -> None:
        """One more; what is not finite is left out."""
        if np.isfinite(seconds):
            self._seconds.append(seconds)
            self.count += 1

    def values(self, name: str) -> dict[str, object]:
        """Median and 99th percentile in milliseconds, and how many there were in all."""
        seconds = list(self._seconds)
        values: dict[str, object] = {f"{name}_count": self.count}
        if seconds:
            p50, p99 = 1000 * np.percentile(seconds, (50, 99))
            values |= {f"{name}_ms_p50": float(p50), f"{name}_ms_p99": float(p99)}
        return values
