"""Small episodes whose frames show their own number."""

from pathlib import Path

import numpy as np
import pytest

from vjepa2_data import Recording, write_episode

BITS = 8
PIXELS = 8


def numbered_frame(number):
    """uint8 [64,64,3]: the number in binary, as black and white columns."""
    bits = number >> np.arange(BITS) & 1
    row = np.repeat(255 * bits, PIXELS).astype(np.uint8)
    return np.broadcast_to(row[None, :, None], (BITS * PIXELS, BITS * PIXELS, 3)).copy()


def number_of(frame):
    """The number that a frame shows."""
    bits = frame[:, PIXELS // 2 :: PIXELS].mean(axis=(0, 2)) > 127
    return int((bits << np.arange(BITS)).sum())


def numbered_recording(length=32, fps=4.0, **options):
    """Frame t shows t; its state and the camera's pose hold t too."""
    steps = np.arange(float(length))[:, None]
    return Recording(
        np.stack([numbered_frame(number) for number in range(length)]),
        states=np.hstack([steps + np.arange(6) / 10, steps % 2]),
        fps=fps,
        **({"extrinsics": np.repeat(100 + steps, 6, axis=1)} | options),
    )


@pytest.fixture
def write_numbered():
    """Writes a numbered episode to a folder; returns the folder."""

    def write(folder: Path, length=32, fps=4.0, **options) -> Path:
        write_episode(numbered_recording(length, fps, **options), folder)
        return folder

    return write


@pytest.fixture(name="number_of")
def number_of_fixture():
    return number_of


@pytest.fixture(name="numbered_frame")
def numbered_frame_fixture():
    return numbered_frame


@pytest.fixture(name="numbered_recording")
def numbered_recording_fixture():
    return numbered_recording
