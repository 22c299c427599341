"""First look at a bag: stamps of all pictures, and all states. The pictures stay on disk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rosbags.highlevel import AnyReader

from vjepa2_data.rosbag_file import messages, stamp_of
from vjepa2_data.rosbag_images import COMPRESSED, RAW
from vjepa2_data.rosbag_timing import NANOSECONDS, Stamps
from vjepa2_data.rosbag_topics import connections

STATE = "vjepa2_msgs/msg/EndEffectorState"
_SET_BACK = NANOSECONDS  # messages overtake each other by less


@dataclass(frozen=True, eq=False)
class Session:
    """Messages of one run of the clock, sorted by stamp, each stamp once.

    stamps [N]: of capture; received [N]: when the bag got the picture. state_stamps [M],
    states [M,7]. All stamps [ns].
    """

    stamps: Stamps
    received: Stamps
    state_stamps: Stamps
    states: NDArray[np.float64]


@dataclass
class _Run:
    images: list[tuple[int, int]] = field(default_factory=list)
    states: list[tuple[int, NDArray[np.float64]]] = field(default_factory=list)
    latest: dict[bool, int] = field(default_factory=dict)

    def set_back_by(self, is_image: bool, stamp: int) -> bool:
        return stamp < self.latest.get(is_image, stamp) - _SET_BACK


def scan(
    reader: AnyReader, image_topic: str, state_topic: str
) -> tuple[list[Session], Counter[str]]:
    """The sessions in a bag, and how many messages were dropped for which reason.

    A new session begins where stamps go back by more than a second: a simulation was reset.
    """
    images = connections(reader, image_topic, (RAW, COMPRESSED))
    chosen = images + connections(reader, state_topic, (STATE,))
    total = sum(connection.msgcount for connection in chosen)
    dropped: Counter[str] = Counter()
    runs = [_Run()]
    for connection, received, message in track(
        messages(reader, chosen),
        "reading stamps",
        total,
        console=Console(stderr=True),
        transient=True,
    ):
        is_image, stamp = connection in images, stamp_of(message)
        kind = "image" if is_image else "state"
        if stamp <= 0:
            dropped[f"{kind} without a stamp"] += 1
            continue
        if not is_image and not np.isfinite(message.state).all():
            dropped["state that is not finite"] += 1
            continue
        if runs[-1].set_back_by(is_image, stamp):
            runs.append(_Run())
        runs[-1].latest[is_image] = max(stamp, runs[-1].latest.get(is_image, stamp))
        if is_image:
            runs[-1].images.append((stamp, received))
        else:
            runs[-1].states.append((stamp, np.array(message.state, dtype=np.float64)))
    return [_session(run, dropped) for run in runs], dropped


def _session(run: _Run, dropped: Counter[str]) -> Session:
    times = np.array(run.images, dtype=np.int64).reshape(-1, 2)
    stamps, first = np.unique(times[:, 0], return_index=True)
    known = np.array([stamp for stamp, _ in run.states], dtype=np.int64)
    state_stamps, first_state = np.unique(known, return_index=True)
    states = np.array([state for _, state in run.states]).reshape(-1, 7)[first_state]
    for kind, lost in (
        ("image", len(times) - len(stamps)),
        ("state", len(known) - len(state_stamps)),
    ):
        if lost:
            dropped[f"{kind} with the stamp of another"] += lost
    return Session(stamps, times[first, 1], state_stamps, states)
