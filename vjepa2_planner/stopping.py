"""Rules that end a pursuit early. They see energies only, nothing that a lab would not have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vjepa2_planner.step import Outcome


class StoppingRule(Protocol):
    """Decides from the live energies so far."""

    def outcome(self, energies: Sequence[float], /) -> Outcome | None:
        """The outcome to end with, or None to go on; ``energies``: one per look, newest last."""
        ...


@dataclass(frozen=True)
class EnergyBelow:
    """The live view matches the goal once its energy is under ``threshold``."""

    threshold: float

    def outcome(self, energies: Sequence[float], /) -> Outcome | None:
        """See :class:`StoppingRule`."""
        return Outcome.GOAL_MATCHED if energies[-1] < self.threshold else None


@dataclass(frozen=True)
class Stall:
    """No look of the last ``window`` steps beat the best before them by the share ``progress``."""

    window: int = 4
    progress: float = 0.01

    def __post_init__(self) -> None:
        if self.window < 1:
            raise ValueError(f"Stall.window must be at least 1 step, got {self.window}")

    def outcome(self, energies: Sequence[float], /) -> Outcome | None:
        """See :class:`StoppingRule`."""
        before, recent = energies[: -self.window], energies[-self.window :]
        stalled = bool(before) and min(recent) > min(before) * (1.0 - self.progress)
        return Outcome.STALLED if stalled else None
