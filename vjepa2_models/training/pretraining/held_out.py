"""What stage 1 is validated on, drawn once."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from vjepa2_data import BrokenEpisodeError, Clip, Index, IndexedEpisode, open_episode
from vjepa2_models.training.clips.clip_batches import ClipBatches
from vjepa2_models.training.clips.clip_sources import EpisodeSource
from vjepa2_models.training.clips.mixture import Mixture
from vjepa2_models.training.pretraining.pretraining_settings import PretrainingSettings

PROBE_FRAMES = 16
log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Clips with masks, as `ClipBatches` has them, and episodes with states."""

    tensors: Mapping[str, Tensor]
    episodes: tuple[Clip, ...]

    @classmethod
    def read(cls, mixture: Mixture, settings: PretrainingSettings) -> "HeldOut":
        """Whole frames of the sizes before the cool-down, always the same."""
        count = settings.held_out_clips
        whole = replace(settings.clips, crops=None)
        fixed = replace(
            settings,
            clips=whole,
            cooldown=whole,
            engine=replace(settings.engine, batch=count),
        )
        batch = ClipBatches(mixture, fixed).load(0, range(count))
        return cls(batch.tensors, tuple(_episodes(mixture, settings.probe_episodes)))

    def parts(self, rows: int) -> Iterator[dict[str, Tensor]]:
        """The clips a few at a time."""
        parts = {name: value.split(rows) for name, value in self.tensors.items()}
        for part in zip(*parts.values(), strict=True):
            yield dict(zip(parts, part, strict=True))


def _episodes(mixture: Mixture, count: int) -> Iterator[Clip]:
    """Up to `count` readable episodes, spread over the sources that have states."""
    indexes = [source.index for source in mixture.sources if isinstance(source, EpisodeSource)]
    for number, index in enumerate(indexes):
        share = (count - number + len(indexes) - 1) // len(indexes)
        for chosen in np.linspace(0, len(index) - 1, min(share, len(index)), dtype=int):
            try:
                yield _frames_apart(index, index.episodes[chosen])
            except BrokenEpisodeError as error:
                log.warning("not validated on %s: %s", index.episodes[chosen].name, error)


def _frames_apart(index: Index, episode: IndexedEpisode) -> Clip:
    frames = np.linspace(0, episode.frames - 1, min(PROBE_FRAMES, episode.frames), dtype=int)
    with open_episode(index.root, episode) as reader:
        return reader.read(frames.tolist())
