"""The command of stage 2: `vjepa2 post-train`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from vjepa2_data import Index, read_index, stride
from vjepa2_models.checkpoint import load_weights, load_world_model
from vjepa2_models.encoder import Encoder
from vjepa2_models.networks import load_encoder
from vjepa2_models.training.clips.clip_settings import ClipSettings
from vjepa2_models.training.clips.feature_clips import cached_clips
from vjepa2_models.training.clips.feature_encoding import cached_features
from vjepa2_models.training.clips.frame_rates import warn_of_wrong_headers
from vjepa2_models.training.clips.held_out_clips import held_out_clips, longest_clip
from vjepa2_models.training.clips.video_clips import video_clips
from vjepa2_models.training.engine import fingerprints
from vjepa2_models.training.engine.checkpoints import Checkpoints
from vjepa2_models.training.engine.command import leave, run_training, training_parser
from vjepa2_models.training.engine.engine import prepare, train
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.settings_file import read_settings, write_settings
from vjepa2_models.training.engine.stage import Batches
from vjepa2_models.training.post_training.post_training import PostTrainingStage
from vjepa2_models.training.post_training.post_training_settings import PostTraining
from vjepa2_models.training.post_training.start_as_copy import start_as_copy
from vjepa2_models.world_model import WorldModel

STATISTICS = 512  # clips from which start_as_copy knows how the arm moves

EXAMPLES = """examples:
  vjepa2 post-train --config config/training/post_train_sim_small.yaml \\
      --data data/table --encoder runs/encoder/encoder.pt --out runs/small
  vjepa2 post-train ... --out runs/small --resume              go on after an interruption
  vjepa2 post-train ... --set engine.batch=16 clips.frames=8
  vjepa2 post-train ... --predictor vjepa2-ac-vitg.pt          go on from released weights
  torchrun --nproc-per-node 8 -m vjepa2_models.training.post_training.post_train --config ...

The folder --out gets config.yaml, metrics.jsonl, tensorboard/, checkpoints/last.pt,
world_model.safetensors (for vjepa2 demo --world-model FILE), losses.png and rollout_error.png.
"""


def post_train(
    settings: PostTraining,
    data: Path,
    encoder: Path,
    out: Path,
    processes: Processes,
    *,
    predictor: Path | None = None,
    resume: bool = False,
) -> None:
    """Trains the predictor of a world model on the episodes under `data`.

    Args:
        settings: of the stage.
        data: folder of the episodes, with or without an index.
        encoder: a checkpoint of any known layout with the encoder, which stays frozen.
        out: the run's folder.
        processes: this one among all.
        predictor: world model whose predictor to start from.
        resume: go on from the folder's checkpoint.

    Raises:
        FileNotFoundError, CheckpointError: on an encoder that is not there or does not fit.
        EmptyIndexError: if no episode is usable.
        ValueError: if none is long enough, or the batch can't be shared by the processes.
        Also what `engine.train` raises.
    """
    prepare(settings.engine)
    model = WorldModel(settings.dimensions)
    sizes = asdict(settings.dimensions)
    model.encoder.load_state_dict(load_encoder(encoder, sizes).state_dict())
    if predictor is not None:
        given = load_world_model(predictor, sizes)
        load_weights(model.predictor, given.predictor.state_dict(), predictor.name)
    model.to(processes.device)
    index = read_index(data, settings.clips.camera)
    warn_of_wrong_headers(index, settings.clips.fps)
    identity = {
        **settings.identity(),
        "encoder": fingerprints.of_weights(model.encoder),
        "data": fingerprints.of_index(index),
    }
    if processes.first:
        Checkpoints(out, identity).check(resume)
        write_settings(settings, out / "config.yaml")
    processes.wait_for_all()

    training, validation = clip_sources(settings, index, model.encoder, out, processes)
    if settings.start_as_copy and predictor is None and not resume:
        known = training.load(0, range(STATISTICS)).tensors
        start_as_copy(model.predictor, known["states"], known.get("extrinsics"))
    held_out = held_out_clips(
        validation, settings.validation_clips, model.encoder, settings.engine, processes
    )
    stage = PostTrainingStage(model, settings, training, held_out)
    train(stage, settings.engine, processes, out, identity, resume)


def clip_sources(
    settings: PostTraining, index: Index, encoder: Encoder, out: Path, processes: Processes
) -> tuple[Batches, Batches]:
    """Where clips to train on and to validate on come from."""
    clips, engine = settings.clips, settings.engine
    train_index, held_out = index.split(settings.held_out)
    lengths = [-(-e.frames // stride(e.fps, clips.fps)) for e in held_out.episodes]
    whole = ClipSettings(longest_clip(lengths), clips.fps, clips.camera)
    if not settings.cache_features:
        return (
            video_clips(train_index, clips, settings.dimensions, engine.batch, engine.seed),
            video_clips(held_out, whole, settings.dimensions, settings.validation_clips, seed=0),
        )
    folder = Path(settings.feature_folder) if settings.feature_folder else out / "features"
    cache = cached_features(index, clips.fps, encoder, folder, processes, engine.workers)
    return (
        cached_clips(cache, index, train_index, clips.frames, engine.batch, engine.seed),
        cached_clips(cache, index, held_out, whole.frames, settings.validation_clips, seed=0),
    )


def main(arguments: Sequence[str] | None = None) -> int | None:
    parser = training_parser(
        "vjepa2 post-train",
        "Train the action-conditioned predictor on a frozen encoder (paper, 3.1 and B.1).",
        EXAMPLES,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of episodes")
    parser.add_argument(
        "--encoder", type=Path, required=True, help=".pt or .safetensors with the encoder"
    )
    parser.add_argument("--predictor", type=Path, help="world model whose predictor to start from")
    options = parser.parse_args(arguments)
    settings = read_settings(PostTraining, options.config, options.set)

    def train_it(processes: Processes) -> None:
        post_train(
            settings,
            options.data,
            options.encoder,
            options.out,
            processes,
            predictor=options.predictor,
            resume=options.resume,
        )

    return run_training(settings.engine, train_it)


if __name__ == "__main__":
    leave(main())
