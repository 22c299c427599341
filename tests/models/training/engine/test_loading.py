"""Worker processes that load batches."""

import signal

import torch

from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.loading import load_parts
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.schedule import Schedule
from vjepa2_models.training.engine.stage import Batch

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Dispositions:
    """Batches that tell which signals the process that loads them ignores."""

    def load(self, step: int, rows: range) -> Batch:
        ignored = [signal.getsignal(number) is signal.SIG_IGN for number in SIGNALS]
        return Batch({"ignored": torch.tensor(ignored)}, ())


def test_workers_leave_signals_to_the_trainer() -> None:
    """torchrun signals the whole process group; the trainer still needs its workers then."""
    settings = EngineSettings(Schedule(steps=1, peak=1.0), batch=1, workers=1)
    alone = Processes(0, 1, torch.device("cpu"))
    (batch,) = load_parts(Dispositions(), settings, alone, first_step=0)
    assert batch.tensors["ignored"].all()
