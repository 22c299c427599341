"""A weighted mixture of sources (paper, table 1): which clip each row of each step is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vjepa2_data import BrokenEpisodeError
from vjepa2_models.training.clips.clip_sources import ClipRequest, Pictures, Source
from vjepa2_models.training.clips.skipping import warn_of_skipped

MAX_ATTEMPTS = 10


@dataclass(frozen=True)
class Mixture:
    """Sources and how often each is drawn from, whatever their sizes.

    Attributes:
        sources: at least one, none empty.
        weights: shares, one for each source; they need not sum to 1.
        seed: of every draw.
    """

    sources: tuple[Source, ...]
    weights: tuple[float, ...]
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.sources or len(self.sources) != len(self.weights):
            raise ValueError(
                f"a mixture needs sources with a weight each, not {len(self.sources)} sources and "
                f"{len(self.weights)} weights"
            )
        if min(self.weights) < 0 or sum(self.weights) <= 0:
            raise ValueError(f"weights must be at least 0, and one over it: {self.weights}")

    def draw(self, step: int, row: int, request: ClipRequest) -> tuple[Pictures, str]:
        """RGB uint8 [T, H, W, 3] and where it is from, a pure function of (seed, step, row).

        A clip that can't be read is skipped with a warning, and another one is drawn.

        Raises:
            BrokenEpisodeError: if many draws in a row can't be read.
        """
        for attempt in range(MAX_ATTEMPTS):
            random = np.random.default_rng((self.seed, step, row, attempt))
            source = self.sources[self._choose(random)]
            item = int(random.integers(len(source)))
            try:
                return source.read(item, request, random)
            except BrokenEpisodeError as error:
                warn_of_skipped(str(error))
        raise BrokenEpisodeError(
            f"{MAX_ATTEMPTS} clips in a row can't be read; look at the warnings before this"
        )

    def split(self, held_out: float) -> tuple["Mixture", "Mixture"]:
        """A mixture to train on, and one of the share `held_out` of each source's files."""
        train, rest = zip(*(source.split(held_out) for source in self.sources), strict=True)
        return Mixture(train, self.weights, self.seed), Mixture(rest, self.weights, self.seed)

    def _choose(self, random: np.random.Generator) -> int:
        return int(random.choice(len(self.weights), p=_shares(self.weights)))


def _shares(weights: Sequence[float]) -> np.ndarray:
    return np.asarray(weights, dtype=np.float64) / sum(weights)
