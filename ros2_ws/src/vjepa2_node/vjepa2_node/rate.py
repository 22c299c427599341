"""How often something happens, and when it did last."""

from __future__ import annotations

import threading
import time
from collections import deque

KEPT = 100


class Rate:
    """Of the last KEPT events, in real time; may be used from any thread."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def event(self) -> None:
        """It happens now."""
        with self._lock:
            self._times.append(time.monotonic())

    def values(self, name: str) -> dict[str, object]:
        """Rate [Hz] and age of the last event [s], once there are any."""
        with self._lock:
            if len(self._times) < 2:
                return {}
            span = self._times[-1] - self._times[0]
            rate = (len(self._times) - 1) / max(span, 1e-9)
            age = time.monotonic() - self._times[-1]
        return {f"{name}_rate_hz": rate, f"{name}_age_s": age}
