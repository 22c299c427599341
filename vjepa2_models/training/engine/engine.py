"""The engine: drives a stage through its steps, and keeps what it needs to go on."""

import math
import os
import random
import time
from collections.abc import Mapping
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vjepa2_models.attention_kernels import attention_kernels
from vjepa2_models.training.engine.checkpoints import Checkpoints
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.interruption import Interruption
from vjepa2_models.training.engine.loading import load_parts
from vjepa2_models.training.engine.optimisation import Optimisation, autocast
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.progress import progress_line
from vjepa2_models.training.engine.run_folder import RunFolder
from vjepa2_models.training.engine.stage import Stage
from vjepa2_models.training.engine.writing import writing


class InterruptedTrainingError(KeyboardInterrupt):
    """Ctrl-C or SIGTERM; a checkpoint was written."""


def prepare(settings: EngineSettings) -> None:
    """Seeds and threads; to be called before the networks are made."""
    random.seed(settings.seed)
    np.random.seed(settings.seed)
    torch.manual_seed(settings.seed)
    if settings.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it, CUDA's are not
    torch.use_deterministic_algorithms(settings.deterministic, warn_only=True)
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)


def train(
    stage: Stage,
    settings: EngineSettings,
    processes: Processes,
    folder: Path,
    identity: Mapping[str, Any],
    resume: bool = False,
) -> None:
    """Trains a stage to the end of its schedule.

    Args:
        stage: its networks are moved to the processes' device.
        settings: of the engine.
        processes: this one among all; each computes its rows of the global batch.
        folder: of the run; the first process alone writes there.
        identity: see `Checkpoints`.
        resume: go on from the folder's checkpoint.

    Raises:
        InterruptedTrainingError: after Ctrl-C or SIGTERM, once a checkpoint is written.
        NotFiniteError: if a loss is not finite; nothing is overwritten.
        OSError: if something can't be written; the last checkpoint stays.
    """
    optimisation = Optimisation(stage, settings, processes)
    checkpoints = Checkpoints(folder, identity)
    done = checkpoints.restore(stage.modules, optimisation.optimiser) if resume else 0
    steps = settings.schedule.steps
    records = RunFolder(folder, done) if processes.first else nullcontext()
    parts = load_parts(stage.batches, settings, processes, done)
    recent: list[dict[str, float]] = []
    with (
        records as run,
        Interruption() as interruption,
        progress_line(steps, done, processes.first) as line,
    ):
        for step in range(done, steps):
            started = time.monotonic()
            batch = list(islice(parts, settings.accumulate))
            loaded = time.monotonic()
            scalars = optimisation.step(step, batch)
            stage.after_step(step)
            seconds = time.monotonic() - started
            scalars["samples_per_second"] = settings.batch / seconds
            scalars["waiting_for_data"] = (loaded - started) / seconds
            recent.append(scalars)
            line.advance(scalars)

            done = step + 1
            stop = any(processes.gather(interruption.asked))
            at_end = done == steps
            checked = {}
            if run and (at_end or done % settings.validate_every == 0):
                with attention_kernels(processes.device), autocast(settings, processes.device):
                    checked = stage.validate()
                line.validated(done, checked)
            if run and (at_end or stop or checked or done % settings.report_every == 0):
                with writing(f"the records of step {done}", checkpoints.path):
                    run.add({"step": done, **_means(recent), **checked})
                line.reported(done)
                recent.clear()
            if processes.first and (at_end or stop or done % settings.checkpoint_every == 0):
                checkpoints.save(done, stage.modules, optimisation.optimiser)
                if not at_end:
                    _export(stage, folder, checkpoints)
            if stop and not at_end:
                raise InterruptedTrainingError(f"stopped after {done} of {steps} steps")
    if run:
        # Also of a training that is resumed after its last step: a disk that was full, or a power
        # cut, may have come between its last checkpoint and its product.
        _export(stage, folder, checkpoints)
        with writing("the plots", checkpoints.path):
            stage.report(folder, run.history)
    processes.wait_for_all()


def _export(stage: Stage, folder: Path, checkpoints: Checkpoints) -> None:
    with writing("the weights for others to load", checkpoints.path):
        stage.export(folder)


def _means(records: list[dict[str, float]]) -> dict[str, float]:
    """Means since the last report; of the rates, what adds up to the time that passed."""
    means = {name: math.fsum(r[name] for r in records) / len(records) for name in records[0]}
    means["learning_rate"] = records[-1]["learning_rate"]
    times = [1 / r["samples_per_second"] for r in records]
    means["samples_per_second"] = len(records) / math.fsum(times)
    waits = [r["waiting_for_data"] * t for r, t in zip(records, times, strict=True)]
    means["waiting_for_data"] = math.fsum(waits) / math.fsum(times)
    return means
