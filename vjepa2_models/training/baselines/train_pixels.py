"""The command of the pixel predictor: `vjepa2 train-pixels`."""

from collections.abc import Sequence
from pathlib import Path

from vjepa2_data import read_index
from vjepa2_models.baselines import PixelPredictor
from vjepa2_models.training.baselines.picture_clips import lengths, picture_clips
from vjepa2_models.training.baselines.pixel_settings import PixelTraining
from vjepa2_models.training.baselines.pixel_training import PixelTrainingStage
from vjepa2_models.training.clips.frame_rates import warn_of_wrong_headers
from vjepa2_models.training.clips.held_out_clips import longest_clip
from vjepa2_models.training.engine import fingerprints
from vjepa2_models.training.engine.checkpoints import Checkpoints
from vjepa2_models.training.engine.command import leave, run_training, training_parser
from vjepa2_models.training.engine.engine import prepare, train
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.settings_file import read_settings, write_settings
from vjepa2_poses import actions_from_states

STATISTICS = 512  # clips from which the network knows how the arm moves

EXAMPLES = """examples:
  vjepa2 train-pixels --config config/training/pixels_sim_small.yaml --data data/table \\
      --out runs/pixels
  vjepa2 train-pixels ... --out runs/pixels --resume           go on after an interruption
  vjepa2 train-pixels ... --set clips.frames=5                 longer rollouts to learn from
  vjepa2 evaluate --world-model runs/pixels/pixel_predictor.safetensors

The folder --out gets config.yaml, metrics.jsonl, tensorboard/, checkpoints/last.pt,
pixel_predictor.safetensors, rollout_error.png and held_out.png (frames above imagined ones).
"""


def train_pixels(
    settings: PixelTraining, data: Path, out: Path, processes: Processes, *, resume: bool = False
) -> None:
    """Trains a pixel predictor on the episodes under `data`.

    Args:
        settings: of the training.
        data: folder of the episodes, with or without an index.
        out: the run's folder.
        processes: this one among all.
        resume: go on from the folder's checkpoint.

    Raises:
        EmptyIndexError: if no episode is usable.
        ValueError: if none is long enough, or the batch can't be shared by the processes.
        Also what `engine.train` raises.
    """
    prepare(settings.engine)
    predictor = PixelPredictor(settings.network)
    index = read_index(data, settings.clips.camera)
    warn_of_wrong_headers(index, settings.clips.fps)
    identity = {**settings.identity(), "data": fingerprints.of_index(index)}
    if processes.first:
        Checkpoints(out, identity).check(resume)
        write_settings(settings, out / "config.yaml")
    processes.wait_for_all()

    _, held_out = index.split(settings.held_out)
    clips = picture_clips(
        index,
        settings.held_out,
        settings.network.img_size,
        settings.network.crop,
        settings.clips,
        longest_clip(lengths(held_out, settings.clips.fps)),
        settings.engine,
    )
    if not resume:
        states = clips.training.load(0, range(STATISTICS)).tensors["states"]
        predictor.motion.fit(states, actions_from_states(states))
    stage = PixelTrainingStage(predictor, clips, settings.validation_clips)
    train(stage, settings.engine, processes, out, identity, resume)


def main(arguments: Sequence[str] | None = None) -> int | None:
    parser = training_parser(
        "vjepa2 train-pixels",
        "Train the baseline that imagines pixels (in the role of Cosmos in the paper's table 3).",
        EXAMPLES,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of episodes")
    options = parser.parse_args(arguments)
    settings = read_settings(PixelTraining, options.config, options.set)

    def train_it(processes: Processes) -> None:
        train_pixels(settings, options.data, options.out, processes, resume=options.resume)

    return run_training(settings.engine, train_it)


if __name__ == "__main__":
    leave(main())
