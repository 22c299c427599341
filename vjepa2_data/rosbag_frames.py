"""Second look at a bag: the pictures of one episode."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rosbags.highlevel import AnyReader

from vjepa2_data.broken_episode import BrokenEpisodeError
from vjepa2_data.rosbag_file import messages, stamp_of
from vjepa2_data.rosbag_images import COMPRESSED, RAW, to_rgb
from vjepa2_data.rosbag_timing import Stamps
from vjepa2_data.rosbag_topics import connections


def read_frames(
    reader: AnyReader, topic: str, stamps: Stamps, received: Stamps
) -> NDArray[np.uint8]:
    """Pictures [T,H,W,3] RGB by stamps of capture and of receipt [T]; one may be asked for twice.

    BrokenEpisodeError if a picture can't be decoded or differs in size from the first.
    """
    rows: dict[tuple[int, int], list[int]] = {}
    for row, key in enumerate(zip(stamps.tolist(), received.tolist(), strict=True)):
        rows.setdefault(key, []).append(row)
    frames: NDArray[np.uint8] | None = None
    chosen = connections(reader, topic, (RAW, COMPRESSED))
    window = int(received.min()), int(received.max()) + 1
    for _, at, message in messages(reader, chosen, *window):
        wanted = rows.pop((stamp_of(message), at), None)
        if wanted is None:
            continue
        image = to_rgb(message)
        if frames is None:
            frames = np.empty((len(stamps), *image.shape), dtype=np.uint8)
        if image.shape != frames.shape[1:]:
            raise BrokenEpisodeError(
                "the pictures change their size",
                f"from {list(frames.shape[1:3])} to {list(image.shape[:2])}",
            )
        frames[wanted] = image
    if frames is None or rows:
        raise BrokenEpisodeError(
            "pictures are missing in the bag", f"{len(rows)} of {len(stamps)}"
        )
    return frames
