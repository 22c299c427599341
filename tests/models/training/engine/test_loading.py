"""Worker processes that load batches."""

import signal

import torch

from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.loading import load_parts
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.schedule import Schedule
from vjepa2_models.training.engine.stage import Batch


class Dispositions:
    """Batches that tell whether the process that loads them ignores Ctrl-C, and SIGTERM."""

    def load(self, step: int, rows: range) -> Batch:
        numbers = (signal.SIGINT, signal.SIGTERM)
        ignored = [signal.getsignal(number) is signal.SIG_IGN for number in numbers]
        return Batch({"ignored": torch.tensor(ignored)}, ())


def test_workers_leave_ctrl_c_to_the_trainer() -> None:
    """A terminal signals the whole group; SIGTERM must end a worker, or Python never exits."""
    settings = EngineSettings(Schedule(steps=1, peak=1.0), batch=1, workers=1)
    alone = Processes(0, 1, torch.device("cpu"))
    (batch,) = load_parts(Dispositions(), settings, alone, first_step=0)
    assert batch.tensors["ignored"].tolist() == [True, False]
