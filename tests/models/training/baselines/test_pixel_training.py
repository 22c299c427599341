"""Training of the pixel predictor, through the engine, on episodes on disk."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vjepa2_models.baselines import PixelPredictor, load_pixel_predictor
from vjepa2_models.training.baselines.picture_clips import to_network
from vjepa2_models.training.baselines.pixel_error import pixel_errors
from vjepa2_models.training.baselines.pixel_settings import PixelTraining
from vjepa2_models.training.baselines.train_pixels import main, train_pixels
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.run_folder import read_history
from vjepa2_models.training.engine.settings_file import SettingsError, read_settings

ALONE = Processes(0, 1, torch.device("cpu"))
PRESET = Path(__file__).parents[4] / "config" / "training" / "pixels_sim_small.yaml"


def test_it_beats_copying(pixel_settings: dict[str, Any], colours: Path, tmp_path: Path) -> None:
    """The loss falls, held-out rollouts beat copying, and what is exported does so too."""
    pixel_settings["engine"] |= {"batch": 8, "validate_every": 80, "checkpoint_every": 80}
    pixel_settings["engine"]["schedule"] = {"steps": 80, "peak": 3e-3, "warmup": 5, "decay": 40}
    settings = read_settings(PixelTraining, pixel_settings)
    train_pixels(settings, colours, tmp_path, ALONE)
    history = read_history(tmp_path / "metrics.jsonl")
    losses = [record["loss"] for record in history]
    assert np.mean(losses[-10:]) < 0.6 * np.mean(losses[:10])
    last = history[-1]
    assert last["loss"] == pytest.approx(last["one_step"] + last["rollout"])
    for horizon in (1, 2):
        assert last[f"rollout_error/{horizon}"] < 0.7 * last[f"copy_error/{horizon}"]
    assert "rollout_error/8" in last
    for name in ("held_out.png", "rollout_error.png", "config.yaml", "checkpoints/last.pt"):
        assert (tmp_path / name).stat().st_size > 0
    assert load_pixel_predictor(tmp_path / "pixel_predictor.safetensors").sizes == settings.network


def test_one_step_alone(pixel_settings: dict[str, Any], colours: Path, tmp_path: Path) -> None:
    """Clips of two frames leave nothing to roll out; workers load them."""
    pixel_settings["clips"]["frames"] = 2
    pixel_settings["engine"]["workers"] = 1
    train_pixels(read_settings(PixelTraining, pixel_settings), colours, tmp_path, ALONE)
    history = read_history(tmp_path / "metrics.jsonl")
    assert [record["step"] for record in history] == [1, 2, 3, 4, 5, 6]
    assert "rollout" not in history[0]


def test_errors_of_a_fresh_predictor_are_those_of_copying(pixel_settings: dict[str, Any]) -> None:
    """It predicts that nothing changes; the clips are more than fit in one batch."""
    torch.manual_seed(0)
    frames = torch.randint(0, 256, (40, 5, 32, 32, 3), dtype=torch.uint8)
    settings = read_settings(PixelTraining, pixel_settings)
    predictor = PixelPredictor(settings.network)
    errors = pixel_errors(predictor, frames, torch.randn(40, 5, 7), (1, 2, 4))
    pictures = to_network(frames)
    for horizon in (1, 2, 4):
        expected = float((pictures[:, 0] - pictures[:, horizon]).abs().mean())
        assert errors[f"copy_error/{horizon}"] == pytest.approx(expected, rel=1e-5)
        assert errors[f"rollout_error/{horizon}"] == pytest.approx(expected, rel=1e-5)


def test_the_preset_is_valid() -> None:
    """And makes a file of under 3 MB."""
    settings = read_settings(PixelTraining, PRESET)
    predictor = PixelPredictor(settings.network)
    assert 2 * sum(value.numel() for value in predictor.state_dict().values()) < 3e6


@pytest.mark.parametrize("override", ["validation_clips=0", "held_out=1", "network.img_size=30"])
def test_values_out_of_range(pixel_settings: dict[str, Any], override: str) -> None:
    """Each is refused by its name."""
    name = override.split("=")[0].split(".")[-1]
    with pytest.raises(SettingsError, match=name):
        read_settings(PixelTraining, pixel_settings, [override])


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """`vjepa2 train-pixels --help`."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "pixels_sim_small.yaml" in capsys.readouterr().out
