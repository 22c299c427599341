"""Frames by exact index, on real files of many make."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vjepa2_data import BrokenEpisodeError
from vjepa2_data.video import Video

LENGTH = 60
UNEVEN = np.cumsum(np.random.default_rng(0).integers(20, 80, LENGTH)).tolist()
OPEN_GROUPS = "open-gop=1:bframes=3:keyint=12:min-keyint=12:scenecut=0"

KINDS = {
    "B-frames": ("libx264", {"bf": "3", "g": "25"}, None, {}),
    "key frames anywhere": ("libx264", {"bf": "0", "g": "40"}, None, {}),
    "uneven rate": ("libx264", {"bf": "0", "g": "17"}, UNEVEN, {}),
    "uneven rate and B-frames": ("libx264", {"bf": "2", "g": "17"}, UNEVEN, {}),
    "open groups": ("libx264", {"x264-params": OPEN_GROUPS}, None, {}),
    "as DROID's": ("mpeg4", {}, None, {}),
    "header first": ("libx264", {"bf": "0", "g": "8"}, None, {"movflags": "faststart"}),
    "fragmented": ("libx264", {"g": "8"}, None, {"movflags": "frag_keyframe+empty_moov"}),
}


@pytest.fixture
def encode(tmp_path, numbered_frame):
    """Writes a numbered video."""

    def write(codec, options, times=None, container_options=None):
        path = tmp_path / "video.mp4"
        with av.open(str(path), "w", options=container_options or {}) as container:
            stream = container.add_stream(codec, rate=15, options=options)
            stream.width = stream.height = 64
            stream.pix_fmt = "yuv420p"
            base = Fraction(1, 600) if times else Fraction(1, 15)
            stream.codec_context.time_base = base
            for number in range(LENGTH):
                frame = av.VideoFrame.from_ndarray(numbered_frame(number), format="rgb24")
                frame.pts = times[number] if times else number
                frame.time_base = base
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return write


@pytest.mark.parametrize("kind", KINDS)
def test_each_frame_is_found_by_its_index(kind, encode, number_of):
    """Alone, in strides, and all of them."""
    with Video(encode(*KINDS[kind])) as video:
        assert len(video) == LENGTH
        assert [number_of(video.read([index])[0]) for index in range(LENGTH)] == [*range(LENGTH)]
        for frames in (range(LENGTH), range(3, LENGTH, 4), range(1, LENGTH, 19), [0, LENGTH - 1]):
            assert [number_of(frame) for frame in video.read(frames)] == [*frames]


def test_the_rate_is_that_of_the_header(encode):
    """From which the stride follows."""
    with Video(encode("mpeg4", {})) as video:
        assert video.fps == 15.0


def test_groups_without_a_wanted_frame_are_not_decoded(encode, number_of):
    """Their bytes may even be destroyed; reading those themselves is an error, not a guess."""
    path = encode("libx264", {"bf": "0", "g": "10", "sc_threshold": "0"})
    with av.open(str(path)) as container:
        entries = [*container.streams.video[0].index_entries]
    content = bytearray(path.read_bytes())
    content[entries[10].pos : entries[20].pos] = bytes(entries[20].pos - entries[10].pos)
    path.write_bytes(content)
    with Video(path) as video:
        assert [number_of(frame) for frame in video.read([5, 25, 45])] == [5, 25, 45]
        with pytest.raises(BrokenEpisodeError, match=r"decoded.*video\.mp4"):
            video.read([15])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_video_is_noticed_when_opened(kind, share, encode):
    """Wherever its header lies."""
    path = encode(*KINDS[kind])
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(BrokenEpisodeError, match=r"video\.mp4"):
        Video(path)


def test_what_is_no_video_is_named(tmp_path):
    """Missing, or something else."""
    with pytest.raises(BrokenEpisodeError, match=r"missing.*gone\.mp4"):
        Video(tmp_path / "gone.mp4")
    (tmp_path / "text.mp4").write_text("no video at all" * 100)
    with pytest.raises(BrokenEpisodeError, match=r"can't be opened.*text\.mp4"):
        Video(tmp_path / "text.mp4")


def test_frames_that_are_not_there_are_an_error(encode):
    """As is an order that would be slow by mistake."""
    with Video(encode("mpeg4", {})) as video:
        with pytest.raises(IndexError, match="60 frames"):
            video.read([0, 60])
        with pytest.raises(IndexError, match="60 frames"):
            video.read([-1, 3])
        for frames in ([], [3, 3], [5, 4]):
            with pytest.raises(ValueError, match="ascend"):
                video.read(frames)


def test_a_video_that_changes_its_size_is_named(tmp_path, numbered_frame):
    """A VP8 video may, at any key frame; a training draws another clip then."""
    path = tmp_path / "video.webm"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=15, width=64, height=64)
        smaller = av.CodecContext.create("libvpx", "w")
        smaller.width = smaller.height = 32
        smaller.pix_fmt, smaller.framerate = "yuv420p", Fraction(15)
        smaller.time_base = stream.codec_context.time_base = Fraction(1, 15)
        for number in range(20):
            coder, size = (stream, 64) if number < 10 else (smaller, 32)
            picture = np.ascontiguousarray(numbered_frame(number)[:size, :size])
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 15)
            for packet in [*coder.encode(frame), *(coder.encode() if number in (9, 19) else [])]:
                packet.stream, packet.time_base = stream, Fraction(1, 15)
                container.mux(packet)
    with Video(path) as video:
        assert video.read([2, 4]).shape == (2, 64, 64, 3)
        with pytest.raises(BrokenEpisodeError, match=r"changes its size.*video\.webm"):
            video.read([2, 14])


def test_without_any_index_in_its_header(tmp_path, numbered_frame, number_of):
    """A recording that was streamed, without B-frames: its packets tell where frames are."""
    path = tmp_path / "video.ts"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15, options={"bf": "0", "g": "7"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(numbered_frame(number), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with Video(path) as video:
        assert [number_of(frame) for frame in video.read(range(1, 20, 3))] == [*range(1, 20, 3)]
