"""Training of the frame decoder, through the engine, on episodes on disk."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from vjepa2_data import EmptyIndexError, Recording, read_index, write_episode
from vjepa2_models import WorldModel, load_world_model, save_world_model
from vjepa2_models.frame_decoder_file import load_frame_decoder
from vjepa2_models.training.decoding.decoding import DecodingStage
from vjepa2_models.training.decoding.decoding_settings import DecodingSettings
from vjepa2_models.training.decoding.train_decoder import main, train_decoder
from vjepa2_models.training.engine.processes import join_processes
from vjepa2_models.training.engine.run_folder import read_history
from vjepa2_models.training.engine.settings_file import SettingsError, read_settings

PRESETS = Path(__file__).parents[4] / "config" / "training"
SETTINGS = {
    "decoder": {"embed_dim": 24, "depth": 1, "num_heads": 2},
    "clip_frames": 2,
    "held_out": 0.5,
    "held_out_clips": 2,
    "engine": {
        "schedule": {"steps": 12, "peak": 5e-3},
        "batch": 4,
        "precision": "fp32",
        "device": "cpu",
        "workers": 0,
        "report_every": 1,
        "validate_every": 12,
        "checkpoint_every": 6,
    },
}


@pytest.fixture
def settings() -> DecodingSettings:
    return read_settings(DecodingSettings, SETTINGS)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two episodes of plain colours."""
    random = np.random.default_rng(0)
    for number in range(2):
        frames = np.empty((8, 64, 64, 3), np.uint8)
        frames[:] = random.integers(0, 256, (8, 1, 1, 3))
        states = np.zeros((8, 7))
        write_episode(Recording(frames, states, fps=4.0), tmp_path / "data" / f"{number}")
    return tmp_path / "data"


@pytest.fixture
def model(world_model: WorldModel, tmp_path: Path) -> Path:
    """The golden model in a file of ours."""
    path = tmp_path / "model.safetensors"
    save_world_model(world_model, path, torch.float32)
    return path


def test_decoder_learns_and_is_exported(
    settings: DecodingSettings, data: Path, model: Path, tmp_path: Path
) -> None:
    """The error falls; the product belongs to the model; pictures and curve are there."""
    out = tmp_path / "run"
    with join_processes("cpu") as processes:
        train_decoder(settings, data, model, out, processes)
    history = read_history(out / "metrics.jsonl")
    errors = [record["pixel_error"] for record in history]
    assert np.mean(errors[-3:]) < 0.7 * np.mean(errors[:3])
    last = history[-1]
    assert last["held_out_psnr_db"] == pytest.approx(-10 * np.log10(last["held_out_pixel_error"]))
    decoder = load_frame_decoder(
        out / "frame_decoder.safetensors", load_world_model(model).encoder
    )
    assert decoder.sizes == settings.decoder
    assert (out / "held_out.png").is_file() and (out / "pixel_error.png").is_file()


def test_same_seed_same_weights(
    settings: DecodingSettings, data: Path, model: Path, tmp_path: Path
) -> None:
    """Everything drawn follows from the seed, the step and the row."""
    states = []
    for name in ("first", "second"):
        with join_processes("cpu") as processes:
            train_decoder(settings, data, model, tmp_path / name, processes)
        checkpoint = tmp_path / name / "checkpoints" / "last.pt"
        states.append(torch.load(checkpoint, weights_only=True)["modules"]["frame_decoder"])
    assert all(torch.equal(weight, states[1][name]) for name, weight in states[0].items())


def test_target_is_what_the_encoder_sees(
    settings: DecodingSettings, data: Path, world_model: WorldModel
) -> None:
    """A decoder of the right plain colour alone has no error."""
    stage = DecodingStage(replace(settings, clip_frames=1), world_model.encoder, read_index(data))
    batch = stage.batches.load(0, range(1)).tensors
    colour = batch["frames"][0, 0, 32, 32].float() / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.no_grad():
        stage.decoder.pixels.weight.zero_()
        patch = world_model.dimensions.patch_size**2
        stage.decoder.pixels.bias.copy_(((colour - mean) / std).repeat_interleave(patch))
    # The video's compression leaves a trace.
    assert stage.losses(batch)["pixel_error"] < 1e-4


def test_presets_can_be_read() -> None:
    """The paper's is a ViT-L; the small one has some 2.4 million weights."""
    for path in sorted(PRESETS.glob("decoder_*.yaml")):
        read_settings(DecodingSettings, path)
    paper = read_settings(DecodingSettings, PRESETS / "decoder_paper.yaml")
    assert (paper.decoder.embed_dim, paper.decoder.depth) == (1024, 24)
    assert paper.engine.batch * paper.clip_frames == 1024
    assert paper.engine.schedule.rate(1999) == pytest.approx(5e-4)
    assert paper.engine.schedule.shape == "cosine"


def test_faults_are_named(data: Path, model: Path, tmp_path: Path) -> None:
    """An unknown key, a model that is not there, a folder without episodes."""
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(SETTINGS))
    options = ["--config", str(config), "--out", str(tmp_path / "out")]
    good = ["--data", str(data), "--model", str(model)]
    with pytest.raises(SettingsError, match=r"decoder\.depht.*did you mean 'depth'"):
        main([*options, *good, "--set", "decoder.depht=2"])
    with pytest.raises(SettingsError, match="held_out must be over 0"):
        main([*options, *good, "--set", "held_out=0"])
    with pytest.raises(FileNotFoundError, match=r"gone\.pt"):
        main([*options, "--data", str(data), "--model", str(tmp_path / "gone.pt")])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(EmptyIndexError, match="empty"):
        main([*options, "--data", str(empty), "--model", str(model)])
