"""Which data stage 1 is trained on, as its YAML files have it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vjepa2_data import read_index
from vjepa2_models.training.clips.clip_sources import (
    EpisodeSource,
    ImageSource,
    Source,
    VideoSource,
)
from vjepa2_models.training.clips.source_files import IMAGES, VIDEOS, find_files


@dataclass(frozen=True)
class SourceSettings:
    """One source of the mixture.

    Attributes:
        path: a folder, relative to `--data`.
        kind: robot `episodes` (DROID or LeRobot layout), any `videos`, or `images`.
        weight: its share of the rows, relative to the other sources' weights.
        still: of episodes and videos: a clip is one frame, repeated.
    """

    path: str
    kind: Literal["episodes", "videos", "images"]
    weight: float = 1.0
    still: bool = False

    def open(self, folder: Path) -> Source:
        """Raises FileNotFoundError or EmptyIndexError if there is nothing in it."""
        path = folder / self.path
        if not path.is_dir():
            raise FileNotFoundError(
                f"no folder {path}: pass the one that holds '{self.path}' with --data, or change "
                "the path of this source in the config"
            )
        if self.kind == "episodes":
            return EpisodeSource(read_index(path), self.still)
        if self.kind == "videos":
            return VideoSource(find_files(path, VIDEOS), self.still)
        return ImageSource(find_files(path, IMAGES))
