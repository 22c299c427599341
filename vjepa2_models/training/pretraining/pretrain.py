"""The command of stage 1: `vjepa2 pretrain`."""

from collections.abc import Sequence
from pathlib import Path

from vjepa2_models.training.engine.checkpoints import Checkpoints
from vjepa2_models.training.engine.command import leave, run_training, training_parser
from vjepa2_models.training.engine.engine import prepare, train
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.settings_file import read_settings, write_settings
from vjepa2_models.training.pretraining.pretraining import PretrainingStage
from vjepa2_models.training.pretraining.pretraining_settings import PretrainingSettings

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
    train(stage, settings.engine, processes, out, identity, resume)


def main(arguments: Sequence[str] | None = None) -> int | None:
    parser = training_parser(
        "vjepa2 pretrain",
        "Train the encoder by mask-denoising in feature space (paper, 2 and A.1).",
        EXAMPLES,
    )
    parser.add_argument(
        "--data", type=Path, default=Path(), help="folder that the sources' paths are relative to"
    )
    options = parser.parse_args(arguments)
    settings = read_settings(PretrainingSettings, options.config, options.set)

    def train_it(processes: Processes) -> None:
        pretrain(settings, options.data, options.out, processes, resume=options.resume)

    return run_training(settings.engine, train_it)


if __name__ == "__main__":
    leave(main())
