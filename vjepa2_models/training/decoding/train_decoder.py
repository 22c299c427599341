"""The command of the frame decoder: `vjepa2 train-decoder`."""

from collections.abc import Sequence
from pathlib import Path

from vjepa2_data import read_index
from vjepa2_models.networks import load_encoder
from vjepa2_models.training.decoding.decoding import DecodingStage
from vjepa2_models.training.decoding.decoding_settings import DecodingSettings
from vjepa2_models.training.engine import fingerprints
from vjepa2_models.training.engine.checkpoints import Checkpoints
from vjepa2_models.training.engine.command import leave, run_training, training_parser
from vjepa2_models.training.engine.engine import prepare, train
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.settings_file import read_settings, write_settings

EXAMPLES = """examples:
  vjepa2 train-decoder --config config/training/decoder_sim_small.yaml --data data/table \\
      --model runs/small/world_model.safetensors --out runs/decoder
  vjepa2 train-decoder ... --out runs/decoder --resume          go on after an interruption
  vjepa2 train-decoder --config config/training/decoder_paper.yaml --data data/droid \\
      --model vjepa2-ac-vitg.pt --out runs/decoder_droid

The folder --out gets config.yaml, metrics.jsonl, tensorboard/, checkpoints/last.pt,
frame_decoder.safetensors (for vjepa2 imagine --decoder FILE), held_out.png (frames above their
reconstructions) and pixel_error.png. The decoder belongs to the encoder in --model, and to no
other.
"""


def train_decoder(
    settings: DecodingSettings,
    data: Path,
    model: Path,
    out: Path,
    processes: Processes,
    *,
    resume: bool = False,
) -> None:
    """Trains a frame decoder.

    Args:
        settings: of the training.
        data: folder of episodes, with or without an index.
        model: checkpoint of a world model, or of its encoder alone.
        out: the run's folder.
        processes: this one among all.
        resume: go on from the folder's checkpoint.

    Raises:
        FileNotFoundError: if there is no such model or data; see also `engine.train`.
    """
    prepare(settings.engine)
    encoder = load_encoder(model, device=processes.device)
    index = read_index(data)
    identity = {
        **settings.identity(),
        "encoder": fingerprints.of_weights(encoder),
        "data": fingerprints.of_index(index),
    }
    if processes.first:
        Checkpoints(out, identity).check(resume)
        write_settings(settings, out / "config.yaml")
    processes.wait_for_all()
    stage = DecodingStage(settings, encoder, index)
    train(stage, settings.engine, processes, out, identity, resume)


def main(arguments: Sequence[str] | None = None) -> int | None:
    parser = training_parser(
        "vjepa2 train-decoder",
        "Train the frame decoder, which shows what features hold (paper, B.3).",
        EXAMPLES,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of episodes")
    parser.add_argument(
        "--model", type=Path, required=True, help="checkpoint with the encoder to decode"
    )
    options = parser.parse_args(arguments)
    settings = read_settings(DecodingSettings, options.config, options.set)

    def train_it(processes: Processes) -> None:
        train_decoder(
            settings, options.data, options.model, options.out, processes, resume=options.resume
        )

    return run_training(settings.engine, train_it)


if __name__ == "__main__":
    leave(main())
