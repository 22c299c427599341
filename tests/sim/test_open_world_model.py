"""World models by name and by path."""

from pathlib import Path

import numpy as np
import pytest
import torch

from vjepa2_models import CheckpointError
from vjepa2_models.baselines import (
    BehaviourCloning,
    BehaviourCloningSizes,
    PixelPredictor,
    PixelPredictorSizes,
    PixelWorldModel,
    PolicyWorldModel,
    save_pixel_predictor,
    save_policy,
)
from vjepa2_sim.open_world_model import open_world_model
from vjepa2_sim.simulator_world_model import SimulatorWorldModel


def test_the_simulator_has_a_name() -> None:
    """It needs no file."""
    model, _ = open_world_model("simulator")
    assert isinstance(model, SimulatorWorldModel)


def test_a_path_opens_what_is_there(tmp_path: Path) -> None:
    """Both baselines, ready to look and to score or to act."""
    pixels, cloned = tmp_path / "pixels.safetensors", tmp_path / "policy.safetensors"
    save_pixel_predictor(PixelPredictor(PixelPredictorSizes(32, widths=(8,))), pixels)
    save_policy(BehaviourCloning(BehaviourCloningSizes(32, widths=(8,), hidden=8)), cloned)
    frames = np.zeros((1, 128, 128, 3), np.uint8)
    states = torch.zeros(1, 7)

    model, size = open_world_model(str(pixels))
    assert isinstance(model, PixelWorldModel) and size == 128
    view = model.encode(frames)
    assert model.energies(view, states, view, torch.zeros(4, 1, 7)).shape == (4,)

    policy, size = open_world_model(str(cloned))
    assert isinstance(policy, PolicyWorldModel) and size == 128
    view = policy.encode(frames)
    assert policy.act(view, states, view).shape == (7,)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    """As is what can't be read."""
    with pytest.raises(FileNotFoundError, match="nowhere"):
        open_world_model(str(tmp_path / "nowhere.safetensors"))
    (tmp_path / "text.safetensors").write_text("no weights")
    with pytest.raises(CheckpointError, match="text"):
        open_world_model(str(tmp_path / "text.safetensors"))
