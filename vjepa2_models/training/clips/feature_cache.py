"""Features of every frame of a data set, encoded once and kept on disk in half precision."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rows: TypeAlias = "np.memmap[Any, np.dtype[Any]]"

CHUNK = 32
"""Frames that are decoded, encoded and marked as done together."""

WAITING, DONE, BROKEN = 0, 1, 2


@dataclass(frozen=True)
class FeatureCache:
    """Files of rows, one for each frame, episode after episode.

    Attributes:
        folder: of the files; while they are being filled its name ends in `.partial`.
        lengths: frames of each episode (of the index, in its order) at the clips' frame rate.
        tokens: of a frame.
        dim: of a token.
        extrinsics: whether the camera's poses are kept.
    """

    folder: Path
    lengths: tuple[int, ...]
    tokens: int
    dim: int
    extrinsics: bool

    @cached_property
    def offsets(self) -> list[int]:
        """Row of each episode's first frame, and the number of all rows."""
        return list(accumulate(self.lengths, initial=0))

    @cached_property
    def chunks(self) -> list[tuple[int, int, int]]:
        """Episode, first frame and end of each chunk."""
        return [
            (episode, start, min(start + CHUNK, length))
            for episode, length in enumerate(self.lengths)
            for start in range(0, length, CHUNK)
        ]

    @property
    def files(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Type and shape of the array in each file."""
        rows = self.offsets[-1]
        files: dict[str, tuple[str, tuple[int, ...]]] = {
            "features": ("float16", (rows, self.tokens, self.dim)),
            "states": ("float32", (rows, 7)),
            "marks": ("uint8", (len(self.chunks),)),
        }
        if self.extrinsics:
            files["extrinsics"] = ("float32", (rows, 6))
        return files

    @property
    def bytes(self) -> int:
        return sum(int(np.prod(s)) * np.dtype(d).itemsize for d, s in self.files.values())

    def array(self, name: str, mode: str = "r") -> Rows:
        """A file as an array that is read (or written, with mode `r+`) where it is touched."""
        kind, shape = self.files[name]
        return _map(self.folder / f"{name}.bin", kind, shape, mode)

    def broken(self) -> list[int]:
        """Episodes of which some frames could not be read."""
        marks = self.array("marks")
        return sorted({self.chunks[i][0] for i in np.flatnonzero(marks == BROKEN)})

    def clip(self, name: str, episode: int, start: int, frames: int) -> NDArray[Any]:
        """A copy of the rows of some consecutive frames."""
        first = self.offsets[episode] + start
        return np.array(self.array(name)[first : first + frames])


@lru_cache(maxsize=16)
def _map(path: Path, kind: str, shape: tuple[int, ...], mode: Any) -> Rows:
    # A cache: opening a file takes longer than reading a clip from it.
    return np.memmap(path, kind, mode, shape=shape)
