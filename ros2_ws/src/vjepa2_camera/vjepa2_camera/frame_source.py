"""Where pictures come from: what each kind of camera offers, and how it fails."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vjepa2_node.intrinsics import Intrinsics


class SourceError(RuntimeError):
    """A source cannot be opened or read; the message names it and says what to do."""


@dataclass(frozen=True, eq=False)
class CameraFrame:
    """image: uint8 [H,W,3] RGB. stamp: time.monotonic() of its capture [s].

    estimated: the stamp is that of its arrival, as the source tells none.
    serial, intrinsics: of the camera; empty, None: not known.
    lost: frames that the camera took since the one before, and that nobody was given.
    """

    image: NDArray[np.uint8]
    stamp: float
    estimated: bool
    serial: str = ""
    intrinsics: Intrinsics | None = None
    lost: int = 0


class FrameSource(Protocol):
    """A camera, or a recording of one; used by one thread at a time."""

    @property
    def retry_seconds(self) -> float:
        """After how long a source that failed may work again at the earliest; 0: never."""
        ...

    def open(self) -> None:
        """Get hold of it; raises SourceError. What was open before is closed."""
        ...

    def read(self, stopped: threading.Event) -> CameraFrame | None:
        """The next frame, once it is there; None if `stopped` was set meanwhile.

        Raises SourceError where none can come any more.
        """
        ...

    def close(self) -> None:
        """Let go of it; safe to call twice."""
        ...
