"""Capture stamps of a driver, where they can be believed."""

from __future__ import annotations

PLAUSIBLE_AGE = 1.0
"""A first frame that claims to be older is one of a driver with another clock [s]."""


class DeviceStamps:
    """Decides with the first frame whether a driver stamps on the monotonic clock."""

    def __init__(self) -> None:
        self._believed: bool | None = None

    def of(self, reported: float, arrival: float) -> tuple[float, bool]:
        """Stamp of a frame, and whether it is only estimated.

        reported: by the driver; arrival: of the frame; both time.monotonic() [s].
        """
        if self._believed is None:
            self._believed = reported > 0.0 and 0.0 <= arrival - reported <= PLAUSIBLE_AGE
        # An old stamp is believed later on: that frame has waited, and must not pass as new.
        if self._believed and reported <= arrival:
            return reported, False
        return arrival, True
