"""Worker processes that load batches."""

import signal

import torch

from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.loading import load_parts
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.schedule import Schedule
from vjepa2_models.training.engine.stage import Batch


class Signalled:
    """Batches whose loading process is sent signals while it loads them."""

    def load(self, step: int, rows: range) -> Batch:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.raise_signal(number)
        return Batch({"rows": torch.tensor(list(rows))}, ())


def test_workers_leave_signals_to_the_trainer() -> None:
    """A terminal or a scheduler signals the whole group; the batch still comes."""
    settings = EngineSettings(Schedule(steps=1, peak=1.0), batch=2, workers=1)
    alone = Processes(0, 1, torch.device("cpu"))
    (batch,) = load_parts(Signalled(), settings, alone, first_step=0)
    assert batch.tensors["rows"].tolist() == [0, 1]
