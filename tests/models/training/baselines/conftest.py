"""A world that is learnt in seconds, and settings of short trainings, as YAML files have them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vjepa2_data import Recording, write_episode


@pytest.fixture(scope="session")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of the DROID layout: 16 episodes of 10 frames of one colour each.

    Red, green and blue are x, y and z of the state.
    """
    root = tmp_path_factory.mktemp("colours")
    random = np.random.default_rng(0)
    for number in range(16):
        steps = random.uniform(-0.06, 0.06, (10, 3))
        states = np.zeros((10, 7))
        states[:, :3] = np.cumsum(steps, axis=0).clip(-0.2, 0.2)
        frames = np.empty((10, 32, 32, 3), np.uint8)
        frames[:] = (128 + 600 * states[:, None, None, :3]).astype(np.uint8)
        write_episode(Recording(frames, states, 4.0), root / f"episode_{number:02d}")
    return root


@pytest.fixture
def engine() -> dict[str, Any]:
    return {
        "batch": 4,
        "schedule": {"steps": 6, "peak": 3e-3, "warmup": 2, "decay": 2},
        "precision": "fp32",
        "device": "cpu",
        "workers": 0,
        "report_every": 1,
        "validate_every": 3,
        "checkpoint_every": 2,
    }


@pytest.fixture
def pixel_settings(engine: dict[str, Any]) -> dict[str, Any]:
    return {
        "engine": engine,
        "clips": {"frames": 3},
        "network": {"img_size": 32, "widths": [16, 32, 32], "condition": 32},
        "held_out": 0.2,
        "validation_clips": 4,
    }


@pytest.fixture
def policy_settings(engine: dict[str, Any]) -> dict[str, Any]:
    return {
        "engine": engine,
        "clips": {"frames": 10},
        "network": {"img_size": 32, "widths": [16, 32, 32], "hidden": 32},
        "pairs": 8,
        "furthest_goal": 6,
        "held_out": 0.2,
        "validation_clips": 4,
    }
