"""Settings of the engine, the same for both stages."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from vjepa2_models.training.engine.schedule import Schedule


@dataclass(frozen=True)
class EngineSettings:
    """How to train, whatever is trained.

    Attributes:
        schedule: steps and learning rates.
        batch: rows of a step's global batch, over all processes.
        accumulate: parts that each process computes its rows in, one after the other.
        weight_decay: of AdamW, on matrices alone.
        clip_gradient: largest norm of the gradient; None leaves it as it is.
        precision: of autocast, bf16 where the device computes in it; weights and optimiser are
            float32 in any case.
        seed: of weights and of everything drawn.
        deterministic: ask PyTorch for algorithms that repeat bit for bit (a CPU always does).
        device: `auto` takes the GPU where there is one.
        threads: of PyTorch on the CPU; None leaves its own choice.
        workers: processes that load batches; 0 loads them in between.
        report_every: steps between two records of losses.
        validate_every: steps between two validations.
        checkpoint_every: steps between two checkpoints.
    """

    schedule: Schedule
    batch: int
    accumulate: int = 1
    weight_decay: float = 0.04
    clip_gradient: float | None = None
    precision: Literal["bf16", "fp32"] = "bf16"
    seed: int = 0
    deterministic: bool = False
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int | None = None
    workers: int = 2
    report_every: int = 10
    validate_every: int = 250
    checkpoint_every: int = 250

    def __post_init__(self) -> None:
        for name in ("batch", "accumulate", "report_every", "validate_every", "checkpoint_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.workers < 0:
            raise ValueError(f"workers must be at least 0, not {self.workers}")
        if self.clip_gradient is not None and not self.clip_gradient > 0:
            raise ValueError(f"clip_gradient must be over 0 or null, not {self.clip_gradient}")

    def identity(self) -> dict[str, Any]:
        """What a resumed training must share; how often it reports is not of it."""
        own = (
            "device",
            "threads",
            "workers",
            "report_every",
            "validate_every",
            "checkpoint_every",
        )
        values = {name: value for name, value in asdict(self).items() if name not in own}
        if self.schedule.shape == "linear":  # checkpoints from before there was a choice lack it
            del values["schedule"]["shape"]
        return values
