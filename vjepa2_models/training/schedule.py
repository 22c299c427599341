"""Learning rates over a training: warm-up, constant, decay (paper, A.1 and B.1)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Rises linearly from a tenth of the peak, stays, and falls linearly to 0.

    Attributes:
        steps: length of the training.
        peak: learning rate between warm-up and decay.
        warmup: share of the steps that it rises.
        decay: share of the steps that it falls.
    """

    steps: int
    peak: float
    warmup: float = 0.05
    decay: float = 0.2

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, not {self.steps}")
        if min(self.warmup, self.decay) < 0 or self.warmup + self.decay > 1:
            raise ValueError(f"warmup {self.warmup} and decay {self.decay} must fit in the steps")

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        done = step / self.steps
        if done < self.warmup:
            return self.peak * (0.1 + 0.9 * done / self.warmup)
        if done > 1 - self.decay:
            return self.peak * (1 - done) / self.decay
        return self.peak
