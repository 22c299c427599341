"""The frames of the last moments, until it is known which of them a plan was made from."""

from __future__ import annotations

import struct
from collections import OrderedDict

from builtin_interfaces.msg import Time

from vjepa2_node.stamps import to_seconds

LIMIT_BYTES = 100_000_000
LIMIT_COUNT = 64


def stamp_of(raw: bytes) -> float:
    """Stamp [s] of a serialized message that begins with a header, without reading all of it.

    CDR: 4 bytes that tell the byte order, then seconds and nanoseconds.
    """
    order = "<" if raw[1] & 1 else ">"
    seconds, nanoseconds = struct.unpack_from(f"{order}iI", raw, 4)
    return to_seconds(Time(sec=seconds, nanosec=nanoseconds))


class RecentFrames:
    """Serialized frames by their stamps; the oldest go first.

    missing: stamps of frames that were wanted and have not come, or were gone already.
    """

    def __init__(self) -> None:
        self._frames: OrderedDict[float, bytes] = OrderedDict()
        self._bytes = 0
        self.missing: set[float] = set()

    def keep(self, stamp: float, raw: bytes) -> bool:
        """A frame has come; whether it is one that is missing, which it is no longer."""
        self._bytes += len(raw) - len(self._frames.pop(stamp, b""))
        self._frames[stamp] = raw
        while len(self._frames) > LIMIT_COUNT or self._bytes > LIMIT_BYTES:
            self._bytes -= len(self._frames.popitem(last=False)[1])
        wanted = stamp in self.missing
        self.missing.discard(stamp)
        return wanted

    def want(self, stamp: float) -> bytes | None:
        """The frame of that stamp; where it is not there, it counts as missing until it comes."""
        frame = self._frames.get(stamp)
        if frame is None:
            self.missing.add(stamp)
        return frame
