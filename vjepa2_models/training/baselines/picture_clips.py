"""Clips of small pictures: which episodes they come from, and their way into a network."""

from dataclasses import dataclass, replace

from torch import Tensor

from vjepa2_data import Index, stride
from vjepa2_models.dimensions import RELEASED, Crop
from vjepa2_models.training.clips.clip_settings import ClipSettings
from vjepa2_models.training.clips.video_clips import VideoClips, video_clips
from vjepa2_models.training.engine.engine_settings import EngineSettings


@dataclass(frozen=True)
class PictureClips:
    """Where clips come from: `training`, and whole frames of held-out episodes.

    `frames` uint8 [R, T, S, S, 3] RGB and `states` float32 [R, T, 7].
    """

    training: VideoClips
    held_out: VideoClips


def picture_clips(
    index: Index,
    share: float,
    size: int,
    crop: Crop,
    clips: ClipSettings,
    held_out_frames: int,
    engine: EngineSettings,
) -> PictureClips:
    """Clips of an index, of which a share is held out.

    Args:
        index: all episodes.
        share: of them that is held out.
        size: edge of the small pictures.
        crop: of the video's frames.
        clips: to train on.
        held_out_frames: of a clip to validate on.
        engine: whose batch and seed decide which clip each row gets.

    Raises:
        ValueError: if no episode is long enough.
    """
    training, held_out = index.split(share)
    # The readers take the world model's sizes, of which they need these two.
    sizes = replace(RELEASED, img_size=size, patch_size=1, crop=crop)
    whole = ClipSettings(held_out_frames, clips.fps, clips.camera)
    return PictureClips(
        video_clips(training, clips, sizes, engine.batch, engine.seed),
        video_clips(held_out, whole, sizes, batch=1, seed=0),
    )


def lengths(index: Index, fps: float) -> list[int]:
    """Frames of each episode at the clips' rate."""
    return [-(-episode.frames // stride(episode.fps, fps)) for episode in index.episodes]


def to_network(frames: Tensor) -> Tensor:
    """Pictures float32 [..., 3, S, S] in 0 to 1 of RGB uint8 [..., S, S, 3]."""
    return frames.movedim(-1, -3).float() / 255
