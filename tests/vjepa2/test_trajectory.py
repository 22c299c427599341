"""Trajectories from .npz files, good and bad."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vjepa2.trajectory import Trajectory, read_trajectory

FRAMES = np.zeros((1, 3, 8, 8, 3), np.uint8)
STATES = np.arange(21, dtype=np.float64).reshape(1, 3, 7) / 100


def test_first_clip_is_read(tmp_path: Path) -> None:
    """Frames, states in single precision, and the actions between them."""
    np.savez(tmp_path / "t.npz", observations=FRAMES, states=STATES)
    trajectory = read_trajectory(tmp_path / "t.npz")
    assert trajectory.name == "t.npz" and trajectory.frames.shape == (3, 8, 8, 3)
    assert trajectory.states.dtype == torch.float32
    torch.testing.assert_close(trajectory.actions[:, :3], torch.full((2, 3), 0.07))


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    """Missing, text, cut off, a lone array, without a key, of another shape or type."""
    whole = tmp_path / "whole.npz"
    np.savez(whole, observations=FRAMES, states=STATES)
    (tmp_path / "text.npz").write_text("no archive")
    (tmp_path / "empty.npz").write_bytes(b"")
    (tmp_path / "cut.npz").write_bytes(whole.read_bytes()[:300])
    np.savez(tmp_path / "key.npz", observations=FRAMES)
    np.savez(tmp_path / "shape.npz", observations=FRAMES[0], states=STATES)
    words = np.full(STATES.shape, "word")
    np.savez(tmp_path / "words.npz", observations=FRAMES, states=words)
    with (tmp_path / "lone.npz").open("wb") as file:
        np.save(file, STATES)
    with pytest.raises(FileNotFoundError, match=r"gone\.npz is not there"):
        read_trajectory(tmp_path / "gone.npz")
    for name in ("text", "empty", "cut", "lone", "key", "shape", "words"):
        with pytest.raises(ValueError, match=rf"{name}\.npz"):
            read_trajectory(tmp_path / f"{name}.npz")


def test_frames_and_states_must_fit() -> None:
    """One frame, other types, too few states, states of NaN."""
    frames, states = FRAMES[0], torch.zeros(3, 7)
    cases = {
        "T >= 2": (frames[:1], states[:1]),
        "uint8": (frames.astype(np.float32), states),
        "3 frames need states": (frames, states[:2]),
        "not finite": (frames, states * torch.nan),
    }
    for message, (bad_frames, bad_states) in cases.items():
        with pytest.raises(ValueError, match=f"here: .*{message}"):
            Trajectory(bad_frames, bad_states, "here")
