"""Stage 1: mask-denoising in feature space with an EMA teacher (paper, section 2.1).

`python -m vjepa2_models.training.pretraining --data DIR --out FILE`
"""

import argparse
import copy
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from vjepa2_models.checkpoint import load_weights
from vjepa2_models.dimensions import Dimensions, read_dimensions
from vjepa2_models.encoder import Encoder
from vjepa2_models.mask_predictor import MaskPredictor
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.training.augmentation import CropSettings, random_resized_crops
from vjepa2_models.training.episodes import Episodes, load_episodes
from vjepa2_models.training.masks import LONG_RANGE, SHORT_RANGE, MaskSettings, sample_masks
from vjepa2_models.training.parameter_groups import decayed
from vjepa2_models.training.probe import distance_correlations, feature_spread
from vjepa2_models.training.schedule import Schedule
from vjepa2_models.transformer import normalise

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pretraining:
    """Settings of stage 1.

    Attributes:
        schedule: steps and learning rate.
        batch: images a step.
        ema: share of the teacher that stays at each step.
        weight_decay: of AdamW.
        crops: random resized crops, until the cool-down shows whole frames.
        masks: one pass of the predictor for each kind.
        seed: of weights, images, crops and masks.
        report_every: steps between two reports and checkpoints.
    """

    schedule: Schedule
    batch: int = 64
    ema: float = 0.99
    weight_decay: float = 0.04
    crops: CropSettings = CropSettings()
    masks: tuple[MaskSettings, ...] = (SHORT_RANGE, LONG_RANGE)
    seed: int = 0
    report_every: int = 250


@dataclass(frozen=True)
class Report:
    """What a training says of itself."""

    step: int
    seconds: float
    loss: float
    spread: float
    near: float
    far: float


def pretrain(
    dimensions: Dimensions,
    train: Episodes,
    held_out: Episodes,
    settings: Pretraining,
    on_report: Callable[[Report, Encoder, MaskPredictor], None],
    start: Mapping[str, Mapping[str, Tensor]] | None = None,
) -> Encoder:
    """Trains an encoder; returns the teacher, whose features are the ones to use.

    `start` has the weights of an earlier training to go on from: `encoder`, `mask_predictor`.
    """
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    student, predictor = Encoder(dimensions), MaskPredictor(dimensions)
    if start is not None:
        load_weights(student, start["encoder"], "encoder")
        if "mask_predictor" in start:
            load_weights(predictor, start["mask_predictor"], "mask_predictor")
    teacher = copy.deepcopy(student).requires_grad_(False)
    optimiser = torch.optim.AdamW(
        decayed(settings.weight_decay, student, predictor), lr=settings.schedule.peak
    )
    started, losses = time.monotonic(), []
    for step in range(settings.schedule.steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.schedule.rate(step)
        clips = _clips(train, dimensions, settings, step, random)
        loss, targets = denoising_loss(student, teacher, predictor, clips, settings.masks, random)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*student.parameters(), *predictor.parameters()], 1.0)
        optimiser.step()
        follow(teacher, student, settings.ema)
        losses.append(loss.item())
        if not np.isfinite(losses[-1]):
            raise FloatingPointError(f"the loss of step {step} is {losses[-1]}")
        if (step + 1) % settings.report_every == 0 or step + 1 == settings.schedule.steps:
            report = Report(
                step + 1,
                time.monotonic() - started,
                float(np.mean(losses)),
                feature_spread(targets),
                **distance_correlations(teacher, held_out),
            )
            on_report(report, teacher, predictor)
            losses.clear()
    return teacher


def denoising_loss(
    student: Encoder,
    teacher: Encoder,
    predictor: MaskPredictor,
    clips: Tensor,
    masks: tuple[MaskSettings, ...],
    random: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Equation 1: L1 between predicted and the teacher's features at hidden tokens.

    Returns the loss, averaged over the kinds of mask, and the targets [B, N, D].
    """
    sizes = student.dimensions
    frames = clips.shape[2] // sizes.tubelet_size
    # At these sizes plain attention is twice as fast on a CPU as the fused kernel's backward.
    with torch.autocast("cpu", torch.bfloat16), sdpa_kernel(SDPBackend.MATH):
        with torch.no_grad():
            targets = normalise(teacher(clips).float())
        loss = torch.zeros(())
        for kind, settings in enumerate(masks):
            keep, hidden = sample_masks(len(clips), frames, sizes.grid, settings, random)
            predicted = predictor(student(clips, keep), keep, hidden, kind)
            wanted = torch.gather(
                targets, 1, hidden.unsqueeze(-1).expand(-1, -1, targets.shape[-1])
            )
            loss = loss + (predicted.float() - wanted).abs().mean() / len(masks)
    return loss, targets


@torch.no_grad()
def follow(teacher: torch.nn.Module, student: torch.nn.Module, ema: float) -> None:
    """Moves the teacher's weights towards the student's."""
    ours: list[Tensor] = list(teacher.parameters())
    torch._foreach_lerp_(ours, list(student.parameters()), 1 - ema)


def _clips(
    train: Episodes,
    dimensions: Dimensions,
    settings: Pretraining,
    step: int,
    random: np.random.Generator,
) -> Tensor:
    """Still clips [B, 3, tubelet, S, S]; whole frames once the learning rate falls."""
    stills = train.still_clips(settings.batch, random)
    images = preprocess(stills, dimensions.img_size, dimensions.crop)
    cooling = step >= settings.schedule.steps * (1 - settings.schedule.decay)
    if settings.crops.scale[0] < 1 and not cooling:
        images = random_resized_crops(images, dimensions.img_size, settings.crops, random)
    return images.unsqueeze(2).expand(-1, -1, dimensions.tubelet_size, -1, -1)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of the simulator's collector")
    parser.add_argument("--out", type=Path, required=True, help="encoder checkpoint (.pt)")
    parser.add_argument("--config", required=True, help="sizes of the networks (JSON)")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=6e-4, help="peak learning rate")
    parser.add_argument("--ema", type=float, default=0.99)
    parser.add_argument("--smallest-crop", type=float, default=0.35, help="share of the image")
    parser.add_argument("--start", type=Path, help="checkpoint of stage 1 to go on from")
    parser.add_argument("--report-every", type=int, default=100, help="steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", type=int, default=24, help="episodes to probe with")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")

    dimensions = read_dimensions(options.config)
    train, held_out = load_episodes(options.data).split(0.03)
    held_out = Episodes(held_out.frames[: options.held_out], held_out.states[: options.held_out])
    settings = Pretraining(
        Schedule(options.steps, options.rate),
        options.batch,
        options.ema,
        crops=CropSettings(scale=(options.smallest_crop, 1.0)),
        seed=options.seed,
        report_every=options.report_every,
    )
    history = []

    def on_report(report: Report, teacher: Encoder, predictor: MaskPredictor) -> None:
        history.append(asdict(report))
        log.info(
            "step %d  %.0f s  loss %.4f  spread %.3f  rank correlation near %.2f far %.2f",
            *asdict(report).values(),
        )
        torch.save(
            {
                "encoder": teacher.state_dict(),
                "mask_predictor": predictor.state_dict(),
                "history": json.dumps(history),
            },
            options.out,
        )

    start = torch.load(options.start, weights_only=True) if options.start else None
    pretrain(dimensions, train, held_out, settings, on_report, start)


if __name__ == "__main__":
    main()
