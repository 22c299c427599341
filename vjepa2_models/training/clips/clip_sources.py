"""Where clips to pre-train on come from: robot episodes, any videos, images."""

from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vjepa2_data import Index, open_episode, stride
from vjepa2_data.video import Video
from vjepa2_models.training.clips.image_file import read_image
from vjepa2_models.training.clips.source_files import Paths, of_files, split_paths
from vjepa2_models.training.engine import fingerprints

Pictures: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True)
class ClipRequest:
    """Length of a clip in frames, and its frames per second."""

    frames: int
    fps: float


class Source(Protocol):
    """Files of one kind."""

    def __len__(self) -> int: ...

    def read(
        self, item: int, request: ClipRequest, random: np.random.Generator
    ) -> tuple[Pictures, str]:
        """A clip, RGB uint8 [T, H, W, 3], from anywhere in a file, and where it is from.

        Raises BrokenEpisodeError if the file can't be read.
        """

    def split(self, held_out: float) -> tuple[Self, Self]:
        """Most files, and about the share `held_out` of them; always the same ones."""

    def fingerprint(self) -> str:
        """Changes whenever its files do; the same wherever they lie."""


@dataclass(frozen=True)
class EpisodeSource:
    """Recorded robot episodes, of the DROID or the LeRobot layout.

    `still`: a clip is one frame, repeated.
    """

    index: Index
    still: bool = False

    def __len__(self) -> int:
        return len(self.index)

    def read(
        self, item: int, request: ClipRequest, random: np.random.Generator
    ) -> tuple[Pictures, str]:
        episode = self.index.episodes[item]
        frames = draw_frames(
            episode.frames, stride(episode.fps, request.fps), request.frames, self.still, random
        )
        unique, back = np.unique(frames, return_inverse=True)
        with open_episode(self.index.root, episode) as reader:
            pictures = reader.read(unique.tolist()).frames
        return pictures[back], f"{episode.name} from frame {frames[0]}"

    def split(self, held_out: float) -> tuple["EpisodeSource", "EpisodeSource"]:
        train, rest = self.index.split(held_out)
        return replace(self, index=train), replace(self, index=rest)

    def fingerprint(self) -> str:
        return fingerprints.of_index(self.index)


@dataclass(frozen=True)
class VideoSource:
    """Any video files under a folder. `still`: a clip is one frame, repeated."""

    paths: Paths
    still: bool = False

    def __len__(self) -> int:
        return len(self.paths)

    def read(
        self, item: int, request: ClipRequest, random: np.random.Generator
    ) -> tuple[Pictures, str]:
        path = self.paths[item]
        with Video(path) as video:
            # The rule of the official pre-training; its post-training rounds up instead.
            step = max(1, int(np.ceil(video.fps) // request.fps))
            frames = draw_frames(len(video), step, request.frames, self.still, random)
            unique, back = np.unique(frames, return_inverse=True)
            return video.read(unique.tolist())[back], f"{path} from frame {frames[0]}"

    def split(self, held_out: float) -> tuple["VideoSource", "VideoSource"]:
        train, rest = split_paths(self.paths, held_out)
        return replace(self, paths=train), replace(self, paths=rest)

    def fingerprint(self) -> str:
        return of_files(self.paths)


@dataclass(frozen=True)
class ImageSource:
    """Image files under a folder, each a clip in which nothing moves (paper, section 2.1)."""

    paths: Paths

    def __len__(self) -> int:
        return len(self.paths)

    def read(
        self, item: int, request: ClipRequest, random: np.random.Generator
    ) -> tuple[Pictures, str]:
        image = read_image(self.paths[item])
        return np.broadcast_to(image, (request.frames, *image.shape)), str(self.paths[item])

    def split(self, held_out: float) -> tuple["ImageSource", "ImageSource"]:
        train, rest = split_paths(self.paths, held_out)
        return ImageSource(train), ImageSource(rest)

    def fingerprint(self) -> str:
        return of_files(self.paths)


def draw_frames(
    length: int, step: int, count: int, still: bool, random: np.random.Generator
) -> NDArray[np.int64]:
    """Indices [count] of a clip anywhere in a video; a video too short repeats its last frame."""
    if still:
        return np.full(count, random.integers(length))
    latest = length - 1 - (count - 1) * step
    start = random.integers(max(0, latest) + 1)
    frames: NDArray[np.int64] = np.minimum(start + step * np.arange(count), length - 1)
    return frames
