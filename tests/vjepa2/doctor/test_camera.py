"""A camera's rate, measured."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest

from vjepa2.doctor.camera import check
from vjepa2.doctor.finding import State
from vjepa2.doctor.host import Host


def _video(path: Path, rate: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuv420p"
        for shade in range(0, 250, 10):
            picture = np.full((48, 64, 3), shade, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())


@pytest.mark.parametrize(("rate", "state"), [(20, State.OK), (2, State.WARNING)])
def test_the_rate_of_a_video(tmp_path: Path, rate: int, state: State) -> None:
    """Close to what it was recorded with; what is too slow for a task is said to be."""
    _video(tmp_path / "camera.mp4", rate)
    finding = check(Host(camera=str(tmp_path / "camera.mp4")))
    assert finding.state is state, finding
    assert "64 x 48" in finding.found
    measured = re.search(r"([\d.]+) Hz", finding.found)
    assert measured and float(measured[1]) == pytest.approx(rate, rel=0.3)


def test_none_there() -> None:
    """The device that was named is named."""
    finding = check(Host(camera="/dev/video987"))
    assert finding.state is State.MISSING
    assert "/dev/video987" in finding.found and finding.remedy


def test_a_file_that_is_no_video(tmp_path: Path) -> None:
    """It is told apart from a device."""
    (tmp_path / "camera.txt").write_text("no picture")
    assert "no video file" in check(Host(camera=str(tmp_path / "camera.txt"))).found
