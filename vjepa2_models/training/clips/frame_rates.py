"""Whether clips are as fast as they are meant to be."""

import logging

from vjepa2_data import Index, stride

TOLERANCE = 0.2
log = logging.getLogger(__name__)


def warn_of_wrong_headers(index: Index, fps: float) -> None:
    """Says so where videos were not taken at the rate in their header, which strides follow.

    DROID's say 60 where 15 were taken (facebookresearch/vjepa2, issue 183).
    """
    wrong = [
        (episode.fps, episode.captured_fps)
        for episode in index.episodes
        if episode.captured_fps and abs(episode.captured_fps / episode.fps - 1) > TOLERANCE
    ]
    if wrong:
        header, captured = wrong[0]
        log.warning(
            "%d of %d videos say %g frames a second but were taken at %.3g: clips of %g frames a "
            "second really have %.3g, as in the official training. For clips of the rate asked "
            "for, build the index anew: vjepa2 data index %s --fps %.0f",
            *(len(wrong), len(index), header, captured, fps),
            *(captured / stride(header, fps), index.root, captured),
        )
