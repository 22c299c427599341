"""Which clip each row of a batch gets."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vjepa2_models.training.engine.row_random import row_random


@dataclass(frozen=True)
class DrawnClip:
    """A clip: number of its episode, first frame, and the random numbers left for its crop."""

    episode: int
    start: int
    random: np.random.Generator


@dataclass(frozen=True)
class ClipDraw:
    """Each episode once an epoch, in random order; the start of the clip uniformly.

    Attributes:
        episodes: the numbers of the episodes that are long enough.
        starts: how many starts each of them has.
        batch: rows of a step's global batch.
        seed: of all draws.
    """

    episodes: tuple[int, ...]
    starts: tuple[int, ...]
    batch: int
    seed: int

    def __post_init__(self) -> None:
        if not self.episodes:
            raise ValueError(
                "no episode is long enough for one clip: shorten clips.frames, or record longer "
                "episodes"
            )

    def draw(self, step: int, row: int, attempt: int = 0) -> DrawnClip:
        """The clip of a row; further attempts give others, where the first can't be read."""
        epoch, place = divmod(step * self.batch + row, len(self.episodes))
        random = row_random(self.seed, step, row)
        chosen = int(_order(self.seed, epoch, len(self.episodes))[place])
        start = int(random.integers(self.starts[chosen]))
        for _ in range(attempt):
            chosen = int(random.integers(len(self.episodes)))
            start = int(random.integers(self.starts[chosen]))
        return DrawnClip(self.episodes[chosen], start, random)


def draw_from(lengths: list[int], span: int, batch: int, seed: int) -> ClipDraw:
    """From episodes of these lengths, clips that span so many frames."""
    usable = [(i, length - span + 1) for i, length in enumerate(lengths) if length >= span]
    episodes, starts = tuple(i for i, _ in usable), tuple(count for _, count in usable)
    return ClipDraw(episodes, starts, batch, seed)


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng((seed, epoch)).permutation(count)
