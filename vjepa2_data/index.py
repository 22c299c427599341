"""The index of a data set: which episodes are usable, and why others are not."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class IndexedEpisode:
    """A usable episode.

    name: unique in the index, and the same wherever the data set lies. path: its folder, relative
    to the index's root. kind: "droid" or "lerobot". frames: usable ones, which have both a picture
    and a state. fps: frames per second, which strides follow from; as the video's header has it.
    camera: the view. success: None if unknown. extrinsics: whether the camera's pose is known.
    captured_fps: frames per second by the time stamps of the frames, where there are any. DROID's
    headers say 60 where 15 were taken (facebookresearch/vjepa2, issue 183).
    """

    name: str
    path: str
    kind: str
    frames: int
    fps: float
    camera: str
    success: bool | None = None
    extrinsics: bool = False
    captured_fps: float | None = None

    @property
    def seconds(self) -> float:
        return self.frames / (self.captured_fps or self.fps)


@dataclass(frozen=True)
class Skipped:
    """An episode that can't be used; `reason` is the same for all that are broken alike."""

    path: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Index:
    """Usable episodes under `root`, sorted by name, and the skipped ones."""

    root: Path
    episodes: tuple[IndexedEpisode, ...]
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.episodes)

    def reasons(self) -> dict[str, list[Skipped]]:
        """The skipped episodes by reason, the commonest first."""
        counts = Counter(skipped.reason for skipped in self.skipped)
        return {
            reason: [skipped for skipped in self.skipped if skipped.reason == reason]
            for reason, _ in counts.most_common()
        }

    def split(self, held_out: float) -> tuple[Index, Index]:
        """Episodes to train on, and about the fraction `held_out` of them to validate on.

        An episode's side follows from its name alone, so it stays on it as the data set grows;
        only where one side would be empty, the episode nearest to it changes over.
        """
        if not 0.0 <= held_out < 1.0:
            raise ValueError(f"held_out is {held_out}; it must be in [0, 1)")
        ranked = sorted(self.episodes, key=lambda episode: _fraction(episode.name))
        count = sum(_fraction(episode.name) < held_out for episode in ranked)
        if held_out and len(ranked) > 1:
            count = min(max(count, 1), len(ranked) - 1)
        chosen = frozenset(episode.name for episode in ranked[:count])
        train = tuple(episode for episode in self.episodes if episode.name not in chosen)
        validation = tuple(episode for episode in self.episodes if episode.name in chosen)
        return replace(self, episodes=train), replace(self, episodes=validation)


def _fraction(name: str) -> float:
    """A number in [0, 1) that looks random but belongs to the name for good."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6]) / 2**48
