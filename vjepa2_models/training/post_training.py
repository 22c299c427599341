"""Stage 2: the action-conditioned predictor on a frozen encoder (paper, section 3.1).

`python -m vjepa2_models.training.post_training --data DIR --encoder FILE --out FILE`
"""

import argparse
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_models.checkpoint import load_weights, save_world_model
from vjepa2_models.dimensions import read_dimensions
from vjepa2_models.encoder import Encoder
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.training.episodes import Episodes, load_episodes
from vjepa2_models.training.losses import post_training_loss, rollout
from vjepa2_models.training.parameter_groups import decayed
from vjepa2_models.training.schedule import Schedule
from vjepa2_models.world_model import WorldModel, encode_stills
from vjepa2_poses import actions_from_states

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PostTraining:
    """Settings of stage 2.

    Attributes:
        schedule: steps and learning rate.
        batch: clips a step.
        frames: consecutive frames of a clip.
        rollout_steps: of the rollout loss.
        weight_decay: of AdamW.
        seed: of weights and clips.
        report_every: steps between two reports and checkpoints.
    """

    schedule: Schedule
    batch: int = 32
    frames: int = 3
    rollout_steps: int = 2
    weight_decay: float = 0.04
    seed: int = 0
    report_every: int = 250


@dataclass(frozen=True, eq=False)
class FeatureEpisodes:
    """Episodes as the frozen encoder sees them: features [E, T, N, D] and states [E, T, 7]."""

    features: Tensor
    states: Tensor

    def clips(
        self, count: int, frames: int, random: np.random.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Features [B, T, N, D], actions [B, T-1, 7] and states [B, T, 7] of random clips."""
        episodes, length = self.states.shape[:2]
        episode = torch.from_numpy(random.integers(episodes, size=(count, 1)))
        first = torch.from_numpy(random.integers(length - frames + 1, size=(count, 1)))
        frame = first + torch.arange(frames)
        states = self.states[episode, frame]
        return self.features[episode, frame].float(), actions_from_states(states), states


@dataclass(frozen=True)
class Report:
    """What a training says of itself; errors are on held-out episodes, at horizons 1 and 2."""

    step: int
    seconds: float
    forced: float
    rolled: float
    error_1: float
    error_2: float
    copy_1: float
    copy_2: float


def encode_episodes(encoder: Encoder, episodes: Episodes, crop: str) -> FeatureEpisodes:
    """All frames through the frozen encoder, once, in half precision."""
    size = encoder.dimensions.img_size
    length = episodes.frames.shape[1]
    features = []
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for frames in track(episodes.frames, description="encoding episodes"):
            images = preprocess(torch.from_numpy(np.ascontiguousarray(frames)), size, crop)  # type: ignore[arg-type]
            features.append(encode_stills(encoder, images).half())
    assert all(len(f) == length for f in features)
    return FeatureEpisodes(torch.stack(features), torch.from_numpy(episodes.states))


def start_as_copy(predictor: ACPredictor, states: Tensor) -> None:
    """Initial weights from which a small predictor learns in hours on a CPU.

    Where the predictor is as wide as the features, they pass through it unchanged at first, so
    that training starts from the copy baseline. Actions and states enter standardised, beside a
    random offset of the same size: otherwise the first layer norm removes their length.
    """
    if predictor.predictor_embed.in_features == predictor.predictor_embed.out_features:
        nn.init.eye_(predictor.predictor_embed.weight)
        nn.init.eye_(predictor.predictor_proj.weight)
    actions = actions_from_states(states).flatten(0, 1)
    for layer, values in (
        (predictor.action_encoder, actions),
        (predictor.state_encoder, states.flatten(0, 1)),
    ):
        scale = values.std(dim=0).clamp(min=0.02)
        with torch.no_grad():
            layer.weight.copy_(torch.randn_like(layer.weight) / scale / values.shape[-1] ** 0.5)
            layer.bias.copy_(torch.randn_like(layer.bias) - layer.weight @ values.mean(dim=0))


def post_train(
    model: WorldModel,
    train: FeatureEpisodes,
    held_out: FeatureEpisodes,
    settings: PostTraining,
    on_report: Callable[[Report], None],
) -> None:
    """Trains `model.predictor` in place; the encoder stays as it is."""
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    predictor = model.predictor
    start_as_copy(predictor, train.states)
    optimiser = torch.optim.AdamW(
        decayed(settings.weight_decay, predictor), lr=settings.schedule.peak
    )
    started = time.monotonic()
    losses: list[tuple[float, float]] = []
    for step in range(settings.schedule.steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.schedule.rate(step)
        clips = train.clips(settings.batch, settings.frames, random)
        with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
            forced, rolled = post_training_loss(predictor, *clips, settings.rollout_steps)
        optimiser.zero_grad()
        (forced + rolled).backward()
        nn.utils.clip_grad_norm_(predictor.parameters(), 1.0)
        optimiser.step()
        losses.append((forced.item(), rolled.item()))
        if not np.isfinite(losses[-1]).all():
            raise FloatingPointError(f"the losses of step {step} are {losses[-1]}")
        if (step + 1) % settings.report_every == 0 or step + 1 == settings.schedule.steps:
            mean: NDArray[np.float64] = np.mean(losses, axis=0)
            on_report(
                Report(step + 1, time.monotonic() - started, *mean, *_errors(predictor, held_out))
            )
            losses.clear()


@torch.inference_mode()
def _errors(predictor: ACPredictor, held_out: FeatureEpisodes) -> tuple[float, ...]:
    """Rollout errors at horizons 1 and 2, then those of copying the first frame."""
    features, actions, states = held_out.clips(256, 3, np.random.default_rng(0))
    with torch.autocast("cpu", torch.bfloat16):
        rolled = rollout(predictor, features, actions, states, 2)
    copied = features[:, :1].expand(-1, 2, -1, -1)
    return tuple(
        float((predicted[:, h] - features[:, h + 1]).abs().mean())
        for predicted in (rolled, copied)
        for h in range(2)
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of the simulator's collector")
    parser.add_argument("--encoder", required=True, help="checkpoint of stage 1 (.pt)")
    parser.add_argument("--out", type=Path, required=True, help="world model (.safetensors)")
    parser.add_argument("--config", required=True, help="sizes of the networks (JSON)")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--frames", type=int, default=3, help="frames of a clip")
    parser.add_argument("--rate", type=float, default=1e-3, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")

    dimensions = read_dimensions(options.config)
    model = WorldModel(dimensions)
    stored = torch.load(options.encoder, weights_only=True)
    load_weights(model.encoder, stored["encoder"], options.encoder)
    episodes = encode_episodes(model.encoder, load_episodes(options.data), dimensions.crop)
    cut = len(episodes.states) - max(1, len(episodes.states) // 33)
    train = FeatureEpisodes(episodes.features[:cut], episodes.states[:cut])
    held_out = FeatureEpisodes(episodes.features[cut:], episodes.states[cut:])
    history = []

    def on_report(report: Report) -> None:
        history.append(asdict(report))
        log.info(
            "step %d  %.0f s  forced %.4f rolled %.4f  held out %.4f / %.4f  copy %.4f / %.4f",
            *asdict(report).values(),
        )
        save_world_model(model, options.out)
        options.out.with_suffix(".json").write_text(json.dumps(history, indent=1))

    settings = PostTraining(
        Schedule(options.steps, options.rate), options.batch, options.frames, seed=options.seed
    )
    post_train(model, train, held_out, settings, on_report)


if __name__ == "__main__":
    main()
