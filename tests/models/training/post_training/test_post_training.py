"""Stage 2 on a tiny world that can be learnt."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from vjepa2_models import WorldModel, load_world_model
from vjepa2_models.dimensions import Dimensions
from vjepa2_models.training.engine.gradient_checkpointing import checkpoint_blocks
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.run_folder import read_history
from vjepa2_models.training.engine.settings_file import SettingsError, read_settings
from vjepa2_models.training.post_training.losses import FeatureClips, post_training_losses
from vjepa2_models.training.post_training.post_train import main, post_train
from vjepa2_models.training.post_training.post_training_settings import PostTraining
from vjepa2_models.training.post_training.start_as_copy import start_as_copy

ALONE = Processes(0, 1, torch.device("cpu"))
PRESETS = Path(__file__).parents[4] / "config" / "training"


@pytest.mark.parametrize("preset", ["paper", "official", "24gb", "sim_small"])
def test_presets_are_valid(preset: str) -> None:
    """Every key of the presets exists, and batches can be shared as they say."""
    settings = read_settings(PostTraining, PRESETS / f"post_train_{preset}.yaml")
    assert settings.engine.batch % settings.engine.accumulate == 0


def test_presets_of_paper_and_release() -> None:
    """B.1, and droid-256px-8f.yaml of the official code."""
    for name, frames, loss in (("paper", 16, "last"), ("official", 8, "mean")):
        settings = read_settings(PostTraining, PRESETS / f"post_train_{name}.yaml")
        schedule = settings.engine.schedule
        assert (schedule.steps, schedule.warmup, schedule.decay) == (94_500, 4_500, 4_500)
        assert (schedule.start, schedule.peak, schedule.end) == (7.5e-5, 4.25e-4, 0.0)
        assert (settings.engine.batch, settings.engine.weight_decay) == (256, 0.04)
        assert (settings.clips.frames, settings.clips.fps) == (frames, 4.0)
        assert settings.clips.crop is not None and settings.clips.crop.aspect == (0.75, 1.35)
        assert (settings.rollout_steps, settings.rollout_loss) == (2, loss)


def test_it_beats_copying(
    tiny_settings: dict[str, Any], squares: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    """From the copy baseline it learns what actions do, at every horizon; it exports that."""
    tiny_settings |= {"start_as_copy": True, "clips": {"frames": 4}, "export": "fp32"}
    tiny_settings["engine"] |= {
        "precision": "bf16",
        "batch": 16,
        "validate_every": 200,
        "checkpoint_every": 200,
    }
    tiny_settings["engine"]["schedule"] = {"steps": 120, "peak": 2e-3, "warmup": 10, "decay": 30}
    settings = read_settings(PostTraining, tiny_settings)
    post_train(settings, squares, tiny_encoder, tmp_path, ALONE)
    last = read_history(tmp_path / "metrics.jsonl")[-1]
    for horizon in (1, 2, 4, 8):
        assert last[f"rollout_error/{horizon}"] < last[f"copy_error/{horizon}"]
    assert last["rollout_error/1"] < 0.95 * last["copy_error/1"]
    for name in ("losses.png", "rollout_error.png", "config.yaml", "checkpoints/last.pt"):
        assert (tmp_path / name).stat().st_size > 0
    assert list((tmp_path / "tensorboard").iterdir())
    given = load_world_model(tiny_encoder).encoder.state_dict()
    trained = load_world_model(tmp_path / "world_model.safetensors").encoder.state_dict()
    assert all(torch.equal(trained[name], given[name]) for name in given)


def test_straight_from_the_videos(
    tiny_settings: dict[str, Any], squares: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    """Random crops, extrinsics, gradient checkpointing, accumulation, loading processes."""
    tiny_settings |= {
        "cache_features": False,
        "gradient_checkpointing": True,
        "clips": {"frames": 3, "crop": {"scale": [0.5, 1.0]}},
    }
    tiny_settings["dimensions"]["ac_predictor"]["use_extrinsics"] = True
    tiny_settings["engine"] |= {"workers": 1, "accumulate": 2}
    settings = read_settings(PostTraining, tiny_settings)
    post_train(settings, squares, tiny_encoder, tmp_path, ALONE)
    history = read_history(tmp_path / "metrics.jsonl")
    assert [record["step"] for record in history] == [1, 2, 3, 4, 5, 6]
    assert history[-1]["loss"] < history[0]["loss"]


def test_given_weights_are_gone_on_with(
    tiny_settings: dict[str, Any], squares: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    """`--predictor` starts from those of a world model: without a learning rate they stay."""
    tiny_settings["engine"] |= {"schedule": {"steps": 1, "peak": 1e-30}, "seed": 5}
    settings = read_settings(PostTraining, tiny_settings, ["export=fp32"])
    post_train(settings, squares, tiny_encoder, tmp_path, ALONE, predictor=tiny_encoder)
    given = load_world_model(tiny_encoder).state_dict()
    trained = load_world_model(tmp_path / "world_model.safetensors").state_dict()
    torch.testing.assert_close(trained, given, atol=1e-20, rtol=0)


def test_training_starts_from_copying(tiny: Dimensions) -> None:
    """Before the first step, a prediction is close to the frame it starts from."""
    torch.manual_seed(0)
    model = WorldModel(tiny).eval()
    states = torch.randn(8, 4, 7) * 0.1
    start_as_copy(model.predictor, states)
    features = torch.nn.functional.layer_norm(torch.randn(1, 1, 16, 48), (48,))
    predicted = model.predict(features, torch.zeros(1, 1, 7), states[:1, :1])
    assert (predicted - features).abs().mean() < 0.1


def test_checkpointing_changes_no_gradient(tiny: Dimensions) -> None:
    """It costs time, not correctness."""
    torch.manual_seed(0)
    predictor = WorldModel(tiny).predictor
    states = torch.randn(2, 4, 7)
    clips = FeatureClips(torch.randn(2, 4, 16, 48), torch.randn(2, 3, 7), states)

    def gradient() -> list[Tensor]:
        losses = post_training_losses(predictor, clips)
        weights = [*predictor.predictor_blocks.parameters()]
        return list(torch.autograd.grad(losses["teacher_forcing"] + losses["rollout"], weights))

    plain = gradient()
    checkpoint_blocks(predictor.predictor_blocks)
    for first, second in zip(plain, gradient(), strict=True):
        torch.testing.assert_close(first, second)


def test_settings_that_do_not_go_together(tiny_settings: dict[str, Any]) -> None:
    """Random crops of cached features; a rollout longer than the clip."""
    with pytest.raises(SettingsError, match=r"leave out clips\.crop"):
        read_settings(PostTraining, tiny_settings, ["clips.crop={}"])
    with pytest.raises(SettingsError, match=r"rollout_steps is 3; .* clips\.frames - 1"):
        read_settings(PostTraining, tiny_settings, ["rollout_steps=3"])


@pytest.mark.parametrize(
    "override", ["validation_clips=0", "clips.fps=0", "engine.clip_gradient=0", "held_out=1"]
)
def test_values_out_of_range(tiny_settings: dict[str, Any], override: str) -> None:
    """Each is refused by its name."""
    name = override.split("=")[0].split(".")[-1]
    with pytest.raises(SettingsError, match=name):
        read_settings(PostTraining, tiny_settings, [override])


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """`vjepa2 post-train --help`."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "torchrun" in capsys.readouterr().out
