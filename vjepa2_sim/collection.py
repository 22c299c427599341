"""What is collected, and the folders that hold it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.episode import MOTIONS
from vjepa2_sim.simulated_recording import FPS

FIRST_EVALUATION_SEED = 100_000
SHARD_EPISODES = 100


@dataclass(frozen=True)
class Collection:
    """What to collect, and where to. ValueError names a setting that cannot be."""

    episodes: int
    out: Path
    frames: int = 16
    size: int = 128
    seed: int = 0
    motion: str = "mixed"

    def __post_init__(self) -> None:
        if not 0 <= self.seed < FIRST_EVALUATION_SEED:
            raise ValueError(
                f"seed {self.seed} is not for training: seeds from {FIRST_EVALUATION_SEED} on are "
                f"kept for evaluation, use 0 to {FIRST_EVALUATION_SEED - 1}"
            )
        if min(self.episodes, self.frames, self.size) < 1:
            raise ValueError("episodes, frames and size must be at least 1")
        if self.motion not in MOTIONS:
            raise ValueError(f"motion {self.motion!r}: use one of {', '.join(MOTIONS)}")
        if self.size % 2:
            raise ValueError(f"size {self.size} is odd: the videos need an even edge")

    def folder(self, number: int) -> Path:
        """Where an episode lies."""
        return self.out / f"{number // SHARD_EPISODES:05d}" / f"{number:07d}"

    def missing(self) -> list[int]:
        """Numbers of the episodes that are not there yet; a folder appears when it is complete."""
        return [number for number in range(self.episodes) if not self.folder(number).exists()]

    def begin(self) -> None:
        """Write how the episodes are collected, or check that this goes on in the same way.

        Raises ValueError where the folder holds episodes that were collected otherwise.
        """
        path = self.out / "collection.json"
        settings = {
            "seed": self.seed,
            "frames": self.frames,
            "size": self.size,
            "fps": FPS,
            "camera": asdict(CameraPlacement()),
        }
        if self.motion != "mixed":
            settings["motion"] = self.motion
        as_text = json.dumps(settings, indent=2) + "\n"
        if path.exists() and path.read_text() != as_text:
            raise ValueError(
                f"{self.out} holds episodes collected with other settings ({path}): "
                "choose another folder, or the same seed, frames and size"
            )
        self.out.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".partial")
        unfinished.write_text(as_text)
        unfinished.replace(path)
