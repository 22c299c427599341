"""Fixed clips of held-out episodes, as the frozen encoder sees them."""

from collections.abc import Sequence

import torch
from rich.progress import track

from vjepa2_models.encoder import Encoder
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.optimisation import autocast
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.progress import CONSOLE
from vjepa2_models.training.engine.stage import Batches
from vjepa2_models.training.post_training.losses import FeatureClips
from vjepa2_models.training.post_training.post_training import feature_clips
from vjepa2_models.training.post_training.rollout_error import HORIZONS

BATCH = 8  # clips encoded at once


def longest_clip(lengths: Sequence[int]) -> int:
    """Frames of a clip for the longest horizon that episodes of these lengths allow.

    Raises:
        ValueError: if they are too short for any.
    """
    allowed = [horizon for horizon in HORIZONS if horizon < max(lengths, default=0)]
    if not allowed:
        raise ValueError(f"no held-out episode has 2 frames at the clips' rate: {list(lengths)}")
    return allowed[-1] + 1


def held_out_clips(
    batches: Batches, count: int, encoder: Encoder, engine: EngineSettings, processes: Processes
) -> FeatureClips:
    """The first `count` clips of step 0, their features float16, on the CPU."""
    parts = []
    device, starts = processes.device, range(0, count, BATCH)
    for start in track(starts, "held-out clips", console=CONSOLE, disable=not processes.first):
        batch = batches.load(0, range(start, min(start + BATCH, count)))
        tensors = {name: value.to(device) for name, value in batch.tensors.items()}
        with autocast(engine, device):
            clips = feature_clips(encoder, tensors)
        parts.append(clips.to(torch.device("cpu"), torch.float16))
    return FeatureClips.concatenate(parts)
