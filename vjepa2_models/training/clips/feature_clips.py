"""Clips read from the cache of features."""

from dataclasses import dataclass

import torch

from vjepa2_data import Index
from vjepa2_models.training.clips.clip_draw import ClipDraw, draw_from
from vjepa2_models.training.clips.feature_cache import FeatureCache
from vjepa2_models.training.engine.stage import Batch


@dataclass(frozen=True)
class CachedClips:
    """Batches of `features` float16 [R, T, N, D], `states` [R, T, 7] and maybe `extrinsics`."""

    cache: FeatureCache
    names: tuple[str, ...]
    frames: int
    draw: ClipDraw

    def load(self, step: int, rows: range) -> Batch:
        drawn = [self.draw.draw(step, row) for row in rows]
        tensors = {
            name: torch.stack(
                [
                    torch.from_numpy(self.cache.clip(name, d.episode, d.start, self.frames))
                    for d in drawn
                ]
            )
            for name in self.cache.files
            if name != "marks"
        }
        origins = [f"{self.names[d.episode]} from its cached frame {d.start}" for d in drawn]
        return Batch(tensors, tuple(origins))


def cached_clips(
    cache: FeatureCache, index: Index, part: Index, frames: int, batch: int, seed: int
) -> CachedClips:
    """Clips of `part` of the index that was cached; what is broken or too short is left out.

    Raises:
        ValueError: if that leaves none.
    """
    wanted, broken = {episode.name for episode in part.episodes}, set(cache.broken())
    lengths = [
        length if index.episodes[i].name in wanted and i not in broken else 0
        for i, length in enumerate(cache.lengths)
    ]
    names = tuple(episode.name for episode in index.episodes)
    return CachedClips(cache, names, frames, draw_from(lengths, frames, batch, seed))
