"""Clips read from the episodes' videos, step by step."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vjepa2_data import BrokenEpisodeError, Index, open_episode, stride
from vjepa2_models.dimensions import Dimensions
from vjepa2_models.training.clips.clip_crop import random_crop, whole_frames
from vjepa2_models.training.clips.clip_draw import ClipDraw, DrawnClip, draw_from
from vjepa2_models.training.clips.clip_settings import ClipSettings
from vjepa2_models.training.clips.skipping import warn_of_skipped
from vjepa2_models.training.engine.stage import Batch

ATTEMPTS = 20
"""Unreadable episodes in a row, after which the data set is to blame."""


@dataclass(frozen=True)
class VideoClips:
    """Batches of `frames` uint8 [R, T, S, S, 3], `states` [R, T, 7] and maybe `extrinsics`."""

    index: Index
    clips: ClipSettings
    dimensions: Dimensions
    draw: ClipDraw

    def load(self, step: int, rows: range) -> Batch:
        """The clips of these rows; an episode that can't be read is replaced, and named."""
        read = [self._row(step, row) for row in rows]
        tensors = {name: torch.stack([row[name] for row, _ in read]) for name in read[0][0]}
        return Batch(tensors, tuple(origin for _, origin in read))

    def _row(self, step: int, row: int) -> tuple[dict[str, Tensor], str]:
        for attempt in range(ATTEMPTS):
            drawn = self.draw.draw(step, row, attempt)
            try:
                return self._read(drawn)
            except BrokenEpisodeError as error:
                fault = error
                warn_of_skipped(f"{self.index.episodes[drawn.episode].name}, {error}")
        raise ValueError(
            f"{ATTEMPTS} episodes in a row can't be read under {self.index.root}; the last: "
            f"{fault}. Build the index anew: vjepa2 data index {self.index.root}"
        )

    def _read(self, drawn: DrawnClip) -> tuple[dict[str, Tensor], str]:
        episode = self.index.episodes[drawn.episode]
        step = stride(episode.fps, self.clips.fps)
        wanted = range(drawn.start, drawn.start + step * self.clips.frames, step)
        with open_episode(self.index.root, episode) as reader:
            clip = reader.read(wanted)
        size, crop = self.dimensions.img_size, self.clips.crop
        if crop is None:
            frames = whole_frames(clip.frames, size, self.dimensions.crop)
        else:
            frames = random_crop(clip.frames, size, crop, drawn.random)
        row = {"frames": frames, "states": torch.from_numpy(clip.states)}
        if self.dimensions.ac_predictor.use_extrinsics:
            row["extrinsics"] = torch.from_numpy(needed_extrinsics(clip.extrinsics, episode.name))
        return row, f"{episode.name} from frame {drawn.start}"


def needed_extrinsics(
    extrinsics: np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None, episode: str
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The camera's poses, where the predictor is built to use them."""
    if extrinsics is None:
        raise BrokenEpisodeError("no camera extrinsics", episode)
    return extrinsics


def video_clips(
    index: Index, clips: ClipSettings, dimensions: Dimensions, batch: int, seed: int
) -> VideoClips:
    """Clips of an index; the episodes that are too short are left out.

    Raises:
        ValueError: if that leaves none.
    """
    lengths = [
        e.frames - (clips.frames - 1) * (stride(e.fps, clips.fps) - 1) for e in index.episodes
    ]
    draw = draw_from(lengths, clips.frames, batch, seed)
    return VideoClips(index, clips, dimensions, draw)
