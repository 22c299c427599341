"""A video file as a source of frames."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from vjepa2_camera.frame_source import SourceError
from vjepa2_camera.video_file import VideoFile

RATE = 50.0
FRAMES = 8
STOPPED = threading.Event()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A video whose left half is red and whose right half brightens from frame to frame."""
    path = str(tmp_path_factory.mktemp("video") / "rising.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), RATE, (64, 32))
    for index in range(FRAMES):
        picture = np.zeros((32, 64, 3), np.uint8)
        picture[:, :32, 2] = 250
        picture[:, 32:] = 30 * index
        writer.write(picture)
    writer.release()
    return path


def test_frames_come_in_order_at_the_rate_of_the_file(path):
    """All of them, in RGB, paced, with stamps that say that they are estimates."""
    video = VideoFile(path)
    video.open()
    frames = [video.read(STOPPED) for _ in range(FRAMES)]
    assert [round(frame.image[:, 40:].mean() / 30) for frame in frames] == list(range(FRAMES))
    assert frames[0].image.shape == (32, 64, 3)
    np.testing.assert_allclose(frames[0].image[16, 16], [250, 0, 0], atol=12)
    assert all(frame.estimated for frame in frames)
    assert frames[-1].stamp - frames[0].stamp >= (FRAMES - 1) / RATE * 0.99
    with pytest.raises(SourceError, match=r"rising.*over.*`loop`"):
        video.read(STOPPED)
    video.close()
    video.close()


def test_it_can_be_played_at_another_rate_and_again(path):
    """With a loop the first frame follows the last one, in the same time."""
    video = VideoFile(path, rate=200.0, loop=True)
    video.open()
    frames = [video.read(STOPPED) for _ in range(2 * FRAMES + 1)]
    levels = [round(frame.image[:, 40:].mean() / 30) for frame in frames]
    assert levels == [*range(FRAMES), *range(FRAMES), 0]
    assert frames[-1].stamp - frames[0].stamp >= 2 * FRAMES / 200.0 * 0.99
    video.close()


def test_waiting_for_a_frame_ends_when_it_is_stopped(path):
    """At once, however far away the next frame is."""
    stopped = threading.Event()
    video = VideoFile(path, rate=0.001)
    video.open()
    assert video.read(stopped) is not None
    stopped.set()
    assert video.read(stopped) is None
    video.close()


def test_what_cannot_be_played_is_named(tmp_path: Path):
    """A file that is missing, and one that is no video."""
    with pytest.raises(SourceError, match=r"no video file .*gone\.mp4.*`device`"):
        VideoFile(str(tmp_path / "gone.mp4")).open()
    text = tmp_path / "letter.mp4"
    text.write_text("Dear Sir or Madam")
    with pytest.raises(SourceError, match=r"letter\.mp4.*no video"):
        VideoFile(str(text)).open()
