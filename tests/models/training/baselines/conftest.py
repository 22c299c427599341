"""Settings of short trainings on the tiny world of moving squares, as YAML files have them."""

from typing import Any

import pytest


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
