"""Watching for collapse: a training that has found the same answer to everything."""

import logging
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass
class CollapseWatch:
    """Warns when the feature spread falls under a threshold, once each time.

    Attributes:
        least_spread: the threshold.
    """

    least_spread: float
    collapsed: bool = False

    def check(self, spread: float) -> bool:
        """Whether the features have collapsed; a NaN spread counts as collapsed."""
        before, self.collapsed = self.collapsed, not spread >= self.least_spread
        if self.collapsed and not before:
            log.warning(
                "the encoder is collapsing: its features hardly differ from clip to clip (spread "
                "%.3f, under %.3f; a healthy training rises over it within the warm-up). The loss "
                "may still fall, but the features are worthless. Remedy: a lower peak rate "
                "(engine.schedule.peak), a longer warm-up (engine.schedule.warmup), a teacher "
                "that follows more slowly (ema nearer to 1), and a look at the pictures and the "
                "crops: if they are all alike, there is nothing to tell apart.",
                spread,
                self.least_spread,
            )
        return self.collapsed
