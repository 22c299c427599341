"""The command of the goal-conditioned policy: `vjepa2 train-policy`."""

from collections.abc import Sequence
from pathlib import Path

from vjepa2_data import read_index
from vjepa2_models.baselines import BehaviourCloning
from vjepa2_models.training.baselines.hindsight import HindsightPairs
from vjepa2_models.training.baselines.picture_clips import picture_clips
from vjepa2_models.training.baselines.policy_settings import PolicyTraining
from vjepa2_models.training.baselines.policy_training import PolicyTrainingStage
from vjepa2_models.training.clips.frame_rates import warn_of_wrong_headers
from vjepa2_models.training.clips.video_clips import VideoClips
from vjepa2_models.training.engine import fingerprints
from vjepa2_models.training.engine.checkpoints import Checkpoints
from vjepa2_models.training.engine.command import leave, run_training, training_parser
from vjepa2_models.training.engine.engine import prepare, train
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.settings_file import read_settings, write_settings

STATISTICS = 128  # clips from which the network knows how the arm moves

EXAMPLES = """examples:
  vjepa2 train-policy --config config/training/policy_sim_small.yaml --data data/table \\
      --out runs/policy
  vjepa2 train-policy ... --out runs/policy --resume           go on after an interruption
  vjepa2 train-policy ... --set target=action                  clone the very next action
  vjepa2 evaluate --world-model runs/policy/policy.safetensors

The folder --out gets config.yaml, metrics.jsonl, tensorboard/, checkpoints/last.pt,
policy.safetensors and policy_error.png.
"""


def train_policy(
    settings: PolicyTraining, data: Path, out: Path, processes: Processes, *, resume: bool = False
) -> None:
    """Trains a goal-conditioned policy on the episodes under `data`.

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
    policy = BehaviourCloning(settings.network)
    index = read_index(data, settings.clips.camera)
    warn_of_wrong_headers(index, settings.clips.fps)
    identity = {**settings.identity(), "data": fingerprints.of_index(index)}
    if processes.first:
        Checkpoints(out, identity).check(resume)
        write_settings(settings, out / "config.yaml")
    processes.wait_for_all()

    clips = picture_clips(
        index,
        settings.held_out,
        settings.network.img_size,
        settings.network.crop,
        settings.clips,
        settings.clips.frames,
        settings.engine,
    )

    def hindsight(source: VideoClips, seed: int) -> HindsightPairs:
        return HindsightPairs(
            source, settings.pairs, settings.furthest_goal, settings.target, seed
        )

    training = hindsight(clips.training, settings.engine.seed)
    if not resume:
        known = training.load(0, range(STATISTICS)).tensors
        policy.motion.fit(known["states"], known["targets"])
    stage = PolicyTrainingStage(
        policy, training, hindsight(clips.held_out, 0), settings.validation_clips
    )
    train(stage, settings.engine, processes, out, identity, resume)


def main(arguments: Sequence[str] | None = None) -> int | None:
    parser = training_parser(
        "vjepa2 train-policy",
        "Train the goal-conditioned policy (in the role of Octo in the paper's table 2).",
        EXAMPLES,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of episodes")
    options = parser.parse_args(arguments)
    settings = read_settings(PolicyTraining, options.config, options.set)

    def train_it(processes: Processes) -> None:
        train_policy(settings, options.data, options.out, processes, resume=options.resume)

    return run_training(settings.engine, train_it)


if __name__ == "__main__":
    leave(main())
