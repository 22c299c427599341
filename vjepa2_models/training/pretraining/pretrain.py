"""The command of stage 1: `vjepa2 pretrain`."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.logging import RichHandler

from vjepa2_models.training.engine.checkpoints import Checkpoints
from vjepa2_models.training.engine.engine import InterruptedTrainingError, prepare, train
from vjepa2_models.training.engine.processes import Processes, join_processes
from vjepa2_models.training.engine.settings_file import read_settings, write_settings
from vjepa2_models.training.pretraining.pretraining import PretrainingStage
from vjepa2_models.training.pretraining.pretraining_settings import PretrainingSettings

INTERRUPTED = 130

EXAMPLES = """examples:
  vjepa2 pretrain --config config/training/pretrain_sim_small.yaml --data data/sim --out runs/small
  vjepa2 pretrain ... --out runs/small --resume                go on after an interruption
  vjepa2 pretrain ... --set engine.schedule.peak=3e-4 ema=0.996
  torchrun --nproc-per-node 8 -m vjepa2_models.training.pretraining.pretrain --config ...

The folder --out gets config.yaml, metrics.jsonl, tensorboard/, checkpoints/last.pt, encoder.pt
(for vjepa2 post-train --encoder FILE) and pretraining.png (loss and feature spread).
"""


def pretrain(
    settings: PretrainingSettings,
    data: Path,
    out: Path,
    processes: Processes,
    *,
    resume: bool = False,
) -> None:
    """Trains an encoder.

    Args:
        settings: of the stage.
        data: folder that the paths of the sources are relative to.
        out: the run's folder.
        processes: this one among all.
        resume: go on from the folder's checkpoint.

    Raises:
        FileNotFoundError: if a source has no folder or no files; see also `engine.train`.
    """
    prepare(settings.engine)
    mixture = settings.open_mixture(data)
    fingerprints = [source.fingerprint() for source in mixture.sources]
    identity = {**settings.identity(), "data": fingerprints}
    if processes.first:
        Checkpoints(out, identity).check(resume)
        write_settings(settings, out / "config.yaml")
    processes.wait_for_all()
    stage = PretrainingStage(settings, mixture)
    for module in stage.modules.values():
        module.to(processes.device)
    train(stage, settings.engine, processes, out, identity, resume)


def main(arguments: Sequence[str] | None = None) -> int | None:
    parser = argparse.ArgumentParser(
        prog="vjepa2 pretrain",
        description="Train the encoder by mask-denoising in feature space (paper, 2 and A.1).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True, help="settings (YAML)")
    parser.add_argument(
        "--data", type=Path, default=Path(), help="folder that the sources' paths are relative to"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument(
        "--set",
        action="extend",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="override settings",
    )
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint")
    options = parser.parse_args(arguments)
    settings = read_settings(PretrainingSettings, options.config, options.set)
    with join_processes(settings.engine.device) as processes:
        level = logging.INFO if processes.first else logging.ERROR
        handler = RichHandler(console=Console(stderr=True), show_path=False)
        logging.basicConfig(level=level, format="%(message)s", handlers=[handler])
        try:
            pretrain(settings, options.data, options.out, processes, resume=options.resume)
        except InterruptedTrainingError as stopped:
            print(f"{stopped}; run the same command with --resume to go on", file=sys.stderr)
            return INTERRUPTED
    return None


if __name__ == "__main__":
    sys.exit(main())
