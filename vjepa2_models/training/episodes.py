"""Recorded episodes, all in memory: frames with the states of the arm."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Episodes:
    """Episodes of equal length.

    Attributes:
        frames: RGB uint8 [E, T, H, W, 3].
        states: float32 [E, T, 7], metres, radians, closedness, in the robot's base frame.
    """

    frames: NDArray[np.uint8]
    states: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.frames)

    def split(self, held_out: float) -> tuple["Episodes", "Episodes"]:
        """Episodes to train on, and the last share `held_out` of them to validate on."""
        cut = len(self) - max(1, round(len(self) * held_out))
        return (
            Episodes(self.frames[:cut], self.states[:cut]),
            Episodes(self.frames[cut:], self.states[cut:]),
        )

    def still_clips(self, count: int, random: np.random.Generator) -> Tensor:
        """Frames uint8 [count, H, W, 3] drawn from anywhere."""
        episode = random.integers(len(self), size=count)
        frame = random.integers(self.frames.shape[1], size=count)
        return torch.from_numpy(self.frames[episode, frame])


def load_episodes(folder: str | Path) -> Episodes:
    """All shards (`episodes_*.npz`) of a folder, as the simulator's collector writes them.

    Raises:
        FileNotFoundError: if the folder holds none.
        ValueError: if a shard's states are not finite or its shapes don't fit; names the shard.
    """
    shards = sorted(Path(folder).glob("episodes_*.npz"))
    if not shards:
        raise FileNotFoundError(f"no episodes_*.npz in {folder}: collect some first")
    frames, states = [], []
    for shard in shards:
        with np.load(shard, allow_pickle=False) as file:
            frames.append(file["frames"])
            states.append(file["states"].astype(np.float32))
        if frames[-1].shape[:2] != states[-1].shape[:2] or states[-1].shape[-1] != 7:
            raise ValueError(f"{shard.name}: {frames[-1].shape} frames, {states[-1].shape} states")
        if not np.isfinite(states[-1]).all():
            raise ValueError(f"{shard.name}: states that are not finite")
    return Episodes(np.concatenate(frames), np.concatenate(states))
