"""What a stage of training is to the engine that drives it.

Everything that is drawn at random for a row of a batch is a pure function of (seed, step, row of
the global batch). So a training that is resumed needs no state of its loader, and any number of
processes sees the same global batches as one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from torch import Tensor, nn

from vjepa2_models.training.engine.run_folder import History


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a step's global batch.

    Attributes:
        tensors: by name, each with one entry a row.
        origins: where each row is from ("episode, from frame 12"): named if the loss is not
            finite.
    """

    tensors: Mapping[str, Tensor]
    origins: tuple[str, ...]

    def pin_memory(self) -> "Batch":
        """Called by PyTorch's loader before a GPU takes the batch."""
        return Batch({k: v.pin_memory() for k, v in self.tensors.items()}, self.origins)


class Batches(Protocol):
    """Where batches come from; used in worker processes, so it must not touch a GPU."""

    def load(self, step: int, rows: range) -> Batch:
        """These rows of the global batch of this step, always the same ones."""


class Stage(Protocol):
    """One stage: networks, where its batches come from, and its losses."""

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        """All that a checkpoint must hold: students and teachers, not a frozen encoder.

        Parameters that require gradients are trained.
        """

    @property
    def batches(self) -> Batches: ...

    def losses(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Scalars, each a mean over the rows of a batch, in the engine's autocast and device.

        Those that carry gradients are summed and minimised; the others are only logged. Draws
        nothing at random.
        """

    def after_step(self, step: int) -> None:
        """Called after the optimiser's step `step`, counted from 0 (an EMA teacher follows)."""

    def validate(self) -> dict[str, float]:
        """Scalars on held-out data, by name; called on the first process alone."""

    def export(self, folder: Path) -> None:
        """Write the product (weights for others to load) into the run's folder, atomically."""

    def report(self, folder: Path, history: History) -> None:
        """Write the stage's plots and print its table, at the end."""
