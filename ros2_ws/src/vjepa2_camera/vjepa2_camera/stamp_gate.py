"""Which pictures of another node have stamps that can be acted on."""

from __future__ import annotations

AHEAD = 0.02
"""Clocks of two hosts are held together this well [s]; see docs/ros.md."""


class StampGate:
    """Lets stamps pass that rise and are not of the future; all in seconds of one ROS clock."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def refusal(self, stamp: float, now: float) -> str:
        """Why a picture is to be dropped, in a word or two; empty: it may pass."""
        if self._last > now + AHEAD:
            # The clock itself was set back: what passed before says nothing any more.
            self._last = float("-inf")
        if stamp > now + AHEAD:
            return "future stamp"
        if stamp == self._last:
            return "repeated stamp"
        if stamp < self._last:
            return "backward stamp"
        self._last = stamp
        return ""
