"""Which stretches of a bag become episodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vjepa2_data.rosbag_scan import Session
from vjepa2_data.rosbag_settings import ConversionSettings
from vjepa2_data.rosbag_states import covered
from vjepa2_data.rosbag_timing import (
    NANOSECONDS,
    Stamps,
    own_rate,
    split_at_gaps,
    split_evenly,
)
from vjepa2_data.rosbag_topics import BagError

FASTEST = 1000.0
"""Pictures a second that no camera takes: their stamps are those of something else."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """Pictures of a session without a gap: stamps of capture and of receipt, the states there."""

    stamps: Stamps
    received: Stamps
    session: Session

    @property
    def seconds(self) -> float:
        return float(self.stamps[-1] - self.stamps[0]) / NANOSECONDS


def frame_rate(sessions: list[Session], settings: ConversionSettings) -> float:
    """Frames per second of the episodes. BagError if the camera is slower than that."""
    intervals = np.concatenate([np.diff(session.stamps) for session in sessions])
    if not intervals.size:
        raise BagError("there is only one picture in the bag")
    rate = own_rate(intervals)
    if rate * settings.max_gap < 0.95:
        raise BagError(
            f"the camera took {rate:.3g} pictures a second, further apart than max_gap "
            f"({settings.max_gap:g} s); raise it"
        )
    if settings.fps is None:
        if rate > FASTEST:
            raise BagError(
                f"the camera took {rate:.3g} pictures a second by their stamps, which can't be; "
                "give the true fps"
            )
        return rate
    if settings.fps > 1.05 * rate:
        raise BagError(f"{settings.fps:g} fps asked for, but the camera took {rate:.3g}")
    return settings.fps


def stretches(
    sessions: list[Session], settings: ConversionSettings, dropped: Counter[str]
) -> Iterator[Stretch]:
    usable = 0
    for session in sessions:
        if len(session.state_stamps) < 2:
            known = np.zeros(len(session.stamps), dtype=bool)
        else:
            known = covered(session.state_stamps, session.stamps, settings.max_state_gap)
        usable += int(known.sum())
        if lost := int((~known).sum()):
            dropped["image without states around it"] += lost
        stamps, received = session.stamps[known], session.received[known]
        for piece in split_at_gaps(stamps, settings.max_gap):
            for part in split_evenly(stamps[piece], settings.max_seconds):
                yield Stretch(stamps[piece][part], received[piece][part], session)
    if not usable:
        raise BagError(
            f"no picture has states within {settings.max_state_gap:g} s around it: pictures "
            f"{_spans(session.stamps for session in sessions)}, states "
            f"{_spans(session.state_stamps for session in sessions)}; do the clocks of camera "
            "and robot agree? If states came at a low rate, raise max_state_gap"
        )


def span(stamps: Stamps) -> str:
    return f"{stamps[0] / NANOSECONDS:.3f} to {stamps[-1] / NANOSECONDS:.3f} s"


def _spans(all_stamps: Iterable[Stamps]) -> str:
    return ", ".join(span(stamps) for stamps in all_stamps if stamps.size) or "none"
