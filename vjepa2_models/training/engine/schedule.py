"""Learning rates over a training: warm-up, constant, decay (paper, A.1 and B.1)."""

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Schedule:
    """Rises linearly from `start` to `peak`, stays, and falls to `end`.

    Attributes:
        steps: length of the training.
        peak: learning rate between warm-up and decay.
        start: learning rate that the warm-up rises from.
        end: learning rate of the last step.
        warmup: steps that it rises.
        decay: steps that it falls.
        shape: of the fall: straight, or half a cosine.
    """

    steps: int
    peak: float
    start: float = 0.0
    end: float = 0.0
    warmup: int = 0
    decay: int = 0
    shape: Literal["linear", "cosine"] = "linear"

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, not {self.steps}")
        if not min(self.peak, self.start, self.end) >= 0:
            raise ValueError("peak, start and end must be at least 0")
        if min(self.warmup, self.decay) < 0 or self.warmup + self.decay > self.steps:
            raise ValueError(
                f"warmup {self.warmup} and decay {self.decay} must fit in {self.steps} steps"
            )

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0 (as in the official code, after its advance)."""
        done, falls = step + 1, self.steps - self.decay
        if done < self.warmup:
            return self.start + (self.peak - self.start) * done / self.warmup
        if done <= falls:
            return self.peak
        fallen = (done - falls) / self.decay
        if self.shape == "cosine":
            fallen = (1 - math.cos(math.pi * fallen)) / 2
        return self.peak + (self.end - self.peak) * fallen

    def cooling(self, step: int) -> bool:
        """Whether the learning rate of this step falls (the cool-down of A.1)."""
        return step + 1 > self.steps - self.decay
