"""Sources of clips and their weighted mixture."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vjepa2_data import BrokenEpisodeError, Recording, read_index, write_episode
from vjepa2_models.training.clips.clip_sources import (
    ClipRequest,
    EpisodeSource,
    ImageSource,
    Pictures,
    VideoSource,
    draw_frames,
)
from vjepa2_models.training.clips.mixture import Mixture
from vjepa2_models.training.clips.skipping import warn_of_skipped
from vjepa2_models.training.clips.source_files import IMAGES, VIDEOS, find_files, split_paths

Draws = list[tuple[int, str]]


class Numbered:
    """A source whose clips are of one value: its own."""

    def __init__(self, value: int, items: int, broken: bool = False) -> None:
        self.value, self.items, self.broken = value, items, broken

    def __len__(self) -> int:
        return self.items

    def read(
        self, item: int, request: ClipRequest, random: np.random.Generator
    ) -> tuple[Pictures, str]:
        if self.broken:
            raise BrokenEpisodeError("broken on purpose", str(item))
        return np.full((request.frames, 2, 2, 3), self.value, np.uint8), f"{self.value}/{item}"

    def split(self, held_out: float) -> tuple["Numbered", "Numbered"]:
        return self, self

    def fingerprint(self) -> str:
        return str(self.value)


def draws(mixture: Mixture, count: int, step: int = 0) -> Draws:
    drawn = (mixture.draw(step, row, ClipRequest(2, 4.0)) for row in range(count))
    return [(int(clip[0, 0, 0, 0]), origin) for clip, origin in drawn]


def write_video(path: Path, frames: int, fps: int) -> None:
    """Frame i is grey of the value 8 i."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps))
        stream.height = stream.width = 32
        for number in range(frames):
            picture = np.full((32, 32, 3), 8 * number, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def write_image(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        stream.height, stream.width, stream.pix_fmt = 24, 32, "rgb24"
        picture = np.full((24, 32, 3), value, dtype=np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))


def test_weights_decide_not_sizes() -> None:
    """A source of 2 files with weight 3 is drawn thrice as often as one of 1000 with weight 1."""
    mixture = Mixture((Numbered(1, 2), Numbered(2, 1000), Numbered(3, 5)), (3.0, 1.0, 0.0))
    values = [value for value, _ in draws(mixture, 2000)]
    assert values.count(1) / 2000 == pytest.approx(0.75, abs=0.05)
    assert values.count(3) == 0


@given(st.integers(0, 2**31), st.integers(0, 10**6), st.integers(0, 5000))
def test_a_row_is_always_the_same(seed: int, step: int, row: int) -> None:
    """A draw follows from (seed, step, row) alone, in any order."""
    sources = (Numbered(1, 50), Numbered(2, 50))
    request = ClipRequest(2, 4.0)
    first = Mixture(sources, (1, 2), seed).draw(step, row, request)
    other = Mixture(sources, (1, 2), seed)
    other.draw(step, row + 1, request)
    again = other.draw(step, row, request)
    assert first[1] == again[1] and (first[0] == again[0]).all()


def test_seed_step_and_row_all_matter() -> None:
    """Another seed, and another step, give other draws."""
    sources = (Numbered(1, 1000),)
    mixture = Mixture(sources, (1.0,), seed=0)
    once = draws(mixture, 20)
    assert len(set(once)) > 10
    assert draws(mixture, 20, step=1) != once
    assert draws(Mixture(sources, (1.0,), seed=1), 20) != once


def test_broken_clips_are_skipped(caplog: pytest.LogCaptureFixture) -> None:
    """Another clip takes the place of one that can't be read; all broken is an error."""
    warn_of_skipped.cache_clear()
    mixed = Mixture((Numbered(1, 5, broken=True), Numbered(2, 5)), (1.0, 1.0))
    assert {value for value, _ in draws(mixed, 20)} == {2}
    assert caplog.text.count("skipped: broken on purpose: 3;") == 1
    with pytest.raises(BrokenEpisodeError, match="10 clips in a row can't be read"):
        draws(Mixture((Numbered(1, 5, broken=True),), (1.0,)), 1)


def test_impossible_weights() -> None:
    """One weight for each source, and one of them over 0."""
    with pytest.raises(ValueError, match="2 sources and 1 weights"):
        Mixture((Numbered(1, 1), Numbered(2, 1)), (1.0,))
    with pytest.raises(ValueError, match="weights must be at least 0"):
        Mixture((Numbered(1, 1),), (0.0,))


@given(
    st.integers(1, 60),
    st.integers(1, 6),
    st.integers(1, 12),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_frames_of_a_clip(length: int, step: int, count: int, still: bool, seed: int) -> None:
    """Frames exist and are a stride apart; only a video too short repeats its last frame."""
    frames = draw_frames(length, step, count, still, np.random.default_rng(seed))
    assert len(frames) == count and frames.min() >= 0 and frames.max() < length
    gaps = np.diff(frames)
    if still:
        assert not gaps.any()
    elif (count - 1) * step < length:
        assert (gaps == step).all()
    else:
        assert frames[0] == 0 and frames[-1] == length - 1


def test_videos_of_any_folder(tmp_path: Path) -> None:
    """Clips at the frame rate asked for, from files found at any depth."""
    write_video(tmp_path / "a" / "one.mp4", 24, 12)
    write_video(tmp_path / "two.MP4", 24, 12)
    source = VideoSource(find_files(tmp_path, VIDEOS))
    assert len(source) == 2
    clip, origin = source.read(0, ClipRequest(4, 4.0), np.random.default_rng(0))
    assert clip.shape == (4, 32, 32, 3) and "one.mp4 from frame" in origin
    steps = np.diff(clip[:, 16, 16, 0].astype(int))
    np.testing.assert_allclose(steps, 3 * 8, atol=3)
    still, _ = VideoSource(source.paths, still=True).read(
        0, ClipRequest(4, 4.0), np.random.default_rng(0)
    )
    assert (still == still[0]).all()


def test_images_are_still_clips(tmp_path: Path) -> None:
    """An image is repeated as often as a video has frames."""
    write_image(tmp_path / "x" / "grey.png", 90)
    source = ImageSource(find_files(tmp_path, IMAGES))
    clip, origin = source.read(0, ClipRequest(6, 4.0), np.random.default_rng(0))
    assert clip.shape == (6, 24, 32, 3) and origin.endswith("grey.png")
    assert (clip == 90).all()


def test_episodes(tmp_path: Path) -> None:
    """Robot episodes are clips too, moving or still; the split is by episode."""
    ramp = np.broadcast_to(
        np.arange(10, dtype=np.uint8)[:, None, None, None] * 20, (10, 32, 32, 3)
    )
    for number in range(4):
        write_episode(Recording(ramp.copy(), np.zeros((10, 7)), 4.0), tmp_path / str(number))
    source = EpisodeSource(read_index(tmp_path))
    moving, _ = source.read(0, ClipRequest(4, 4.0), np.random.default_rng(0))
    np.testing.assert_allclose(np.diff(moving[:, 16, 16, 0].astype(int)), 20, atol=3)
    still, _ = EpisodeSource(source.index, still=True).read(
        0, ClipRequest(4, 4.0), np.random.default_rng(0)
    )
    assert (still == still[0]).all()
    train, held_out = source.split(0.25)
    assert len(train) + len(held_out) == 4 and len(held_out) >= 1
    assert train.fingerprint() != source.fingerprint()


def test_unreadable_files(tmp_path: Path) -> None:
    """What is no video or image is named; an empty folder too."""
    for name in ("bad.mp4", "bad.png"):
        (tmp_path / name).write_bytes(b"not a picture")
    random, request = np.random.default_rng(0), ClipRequest(2, 4.0)
    with pytest.raises(BrokenEpisodeError, match=r"bad\.mp4"):
        VideoSource(find_files(tmp_path, VIDEOS)).read(0, request, random)
    with pytest.raises(BrokenEpisodeError, match=r"bad\.png"):
        ImageSource(find_files(tmp_path, IMAGES)).read(0, request, random)
    with pytest.raises(FileNotFoundError, match=r"no \.jpg"):
        find_files(tmp_path / "nothing", IMAGES)


def test_files_are_split_for_good() -> None:
    """Neither side is empty, none is on both, and the order of the files does not matter."""
    paths = tuple(Path(f"{number}.mp4") for number in range(20))
    train, held_out = split_paths(paths, 0.1)
    assert len(held_out) == 2 and not set(train) & set(held_out)
    assert set(split_paths(paths[::-1], 0.1)[1]) == set(held_out)
    with pytest.raises(ValueError, match="set held_out to 0"):
        split_paths(paths[:1], 0.1)
