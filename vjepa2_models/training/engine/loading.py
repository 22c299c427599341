"""Batches in the order of the steps, made ahead of time by worker processes."""

import signal
from collections.abc import Iterator

from torch.utils.data import DataLoader, Dataset

from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.stage import Batch, Batches

GRACE_SECONDS = 10


class PartsOfSteps(Dataset[Batch]):
    """Item i is this process's i-th part of a batch, counted from the first step on."""

    def __init__(
        self, batches: Batches, settings: EngineSettings, processes: Processes, first_step: int
    ) -> None:
        parts = settings.accumulate * processes.world
        if settings.batch % parts:
            raise ValueError(
                f"a batch of {settings.batch} can't be shared by {processes.world} processes in "
                f"{settings.accumulate} parts each: choose a multiple of {parts}"
            )
        self.batches, self.first_step = batches, first_step
        self.rows = settings.batch // parts
        self.accumulate, self.processes = settings.accumulate, processes
        self.steps = settings.schedule.steps - first_step

    def __len__(self) -> int:
        return self.steps * self.accumulate

    def __getitem__(self, item: int) -> Batch:
        step, part = divmod(item, self.accumulate)
        start = (part * self.processes.world + self.processes.rank) * self.rows
        return self.batches.load(self.first_step + step, range(start, start + self.rows))


def load_parts(
    batches: Batches, settings: EngineSettings, processes: Processes, first_step: int
) -> Iterator[Batch]:
    """This process's parts: `accumulate` for each step from `first_step` on.

    Raises:
        ValueError: if the batch can't be shared evenly.
    """
    loader: DataLoader[Batch] = DataLoader(
        PartsOfSteps(batches, settings, processes, first_step),
        batch_size=None,  # an item is a batch already
        num_workers=settings.workers,
        pin_memory=processes.device.type == "cuda",
        worker_init_fn=_outlive_the_trainer,
    )
    return iter(loader)


def _outlive_the_trainer(_: int) -> None:
    """Signals to the whole group are the trainer's: it ends after its step, and needs its batch.

    A SIGTERM still ends a worker, GRACE_SECONDS later: Python sends it to those that are left when
    it exits, and would wait for ever for one that ignores it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: signal.alarm(GRACE_SECONDS))
