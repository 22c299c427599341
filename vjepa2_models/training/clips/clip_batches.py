"""Batches of stage 1: cropped clips and the masks over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from vjepa2_models.training.clips.clip_crop import random_crop, whole_frames
from vjepa2_models.training.clips.clip_sources import ClipRequest
from vjepa2_models.training.clips.mixture import Mixture
from vjepa2_models.training.engine.stage import Batch
from vjepa2_models.training.pretraining.masks import sample_masks, stack_indices
from vjepa2_models.training.pretraining.pretraining_settings import (
    PhaseSettings,
    PretrainingSettings,
)

# Generators are seeded with (seed, step, row, what for), where the mixture's attempts to draw a
# clip are 0 and up: no two draw the same numbers.
CROP, MASKS = 100, 200
WHOLE_BATCH = 2**32 - 1


@dataclass(frozen=True)
class ClipBatches:
    """Rows of the training's batches, decoded and cropped in the loader's workers.

    Tensors of a batch: `clips` uint8 [R, T, S, S, 3] RGB; for every kind k of mask `visible_k`
    [R, K] and `hidden_k` [R, M], indices of tokens.
    """

    mixture: Mixture
    settings: PretrainingSettings

    def load(self, step: int, rows: range) -> Batch:
        phase = self.settings.phase(step)
        clips, origins = zip(*(self._clip(step, row, phase) for row in rows), strict=True)
        return Batch({"clips": torch.stack(clips), **self._masks(step, rows, phase)}, origins)

    def _clip(self, step: int, row: int, phase: PhaseSettings) -> tuple[Tensor, str]:
        request = ClipRequest(phase.frames, phase.fps)
        clip, origin = self.mixture.draw(step, row, request)
        if phase.crops is None:
            return whole_frames(clip, phase.img_size, self.settings.model.crop), origin
        random = self._random(step, row, CROP)
        return random_crop(clip, phase.img_size, phase.crops, random), origin

    def _masks(self, step: int, rows: Sequence[int], phase: PhaseSettings) -> dict[str, Tensor]:
        tensors = {}
        for kind, mask in enumerate(self.settings.masks):
            # Of the whole batch, because the row with the fewest tokens decides for all.
            random = self._random(step, WHOLE_BATCH, MASKS + kind)
            batch, grid = self.settings.engine.batch, self.settings.grid(phase)
            hidden = sample_masks(batch, grid, mask, random)
            tensors[f"visible_{kind}"], tensors[f"hidden_{kind}"] = stack_indices(
                hidden, rows, mask.max_keep, partial(self._random, step, what_for=MASKS + kind)
            )
        return tensors

    def _random(self, step: int, row: int, what_for: int) -> np.random.Generator:
        return np.random.default_rng((self.mixture.seed, step, row, what_for))
