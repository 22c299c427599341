"""Reference vectors of the official code (see tests/golden/README.md)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import settings

import vjepa2_sim  # noqa: F401  # says how to render, before any test imports mujoco
from vjepa2_models import WorldModel, load_world_model

# How long an example takes says nothing on a busy machine.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def golden_paths() -> tuple[Path, Path]:
    return GOLDEN / "vjepa2_ac_tiny.pt", GOLDEN / "vjepa2_ac_tiny.json"


@pytest.fixture(scope="session")
def golden_config(golden_paths: tuple[Path, Path]) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(golden_paths[1].read_text())
    return config


@pytest.fixture(scope="session")
def golden() -> dict[str, torch.Tensor]:
    with np.load(GOLDEN / "vjepa2_ac_tiny_io.npz", allow_pickle=False) as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


@pytest.fixture(scope="session")
def world_model(golden_paths: tuple[Path, Path]) -> WorldModel:
    checkpoint, config = golden_paths
    return load_world_model(checkpoint, config)
