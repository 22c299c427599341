"""Reading and writing checkpoints: what is accepted, and what each error names."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from vjepa2_models import CheckpointError, WorldModel, load_world_model, save_world_model
from vjepa2_models.dimensions import RELEASED


@pytest.fixture
def official(golden_paths: tuple[Path, Path]) -> dict[str, Any]:
    loaded: dict[str, Any] = torch.load(golden_paths[0], weights_only=True)
    return loaded


def saved(entries: dict[str, Any], folder: Path) -> Path:
    path = folder / "checkpoint.pt"
    torch.save(entries, path)
    return path


def test_our_format_carries_its_sizes(world_model: WorldModel, tmp_path: Path) -> None:
    """A saved model loads without a config and gives the same weights, to half precision."""
    save_world_model(world_model, tmp_path / "model.safetensors")
    loaded = load_world_model(tmp_path / "model.safetensors")
    assert loaded.dimensions == world_model.dimensions
    for ours, theirs in zip(loaded.parameters(), world_model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-3)


def test_float32_is_kept_exactly(world_model: WorldModel, tmp_path: Path) -> None:
    """Saved in float32, nothing is lost."""
    save_world_model(world_model, tmp_path / "model.safetensors", dtype=torch.float32)
    loaded = load_world_model(tmp_path / "model.safetensors")
    for ours, theirs in zip(loaded.parameters(), world_model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_config_may_be_a_dict(
    golden_paths: tuple[Path, Path], golden_config: dict[str, Any]
) -> None:
    """A dict serves as well as a path."""
    assert load_world_model(golden_paths[0], golden_config).dimensions.img_size == 64


def test_unknown_config_key_is_named(
    golden_paths: tuple[Path, Path], golden_config: dict[str, Any]
) -> None:
    """A misspelt key is named together with the known ones."""
    with pytest.raises(ValueError, match=r"unknown key image_size; known: .*img_size"):
        load_world_model(golden_paths[0], {**golden_config, "image_size": 64})


def test_trainers_extras_are_ignored(
    official: dict[str, Any], golden_paths: tuple[Path, Path], tmp_path: Path
) -> None:
    """Optimiser, teacher and old positions of a training checkpoint do no harm."""
    official["encoder"]["module.backbone.pos_embed"] = torch.zeros(1, 4, 128)
    extras = {"target_encoder": official["encoder"], "opt": {}, "scaler": None, "epoch": 3}
    load_world_model(saved({**official, **extras}, tmp_path), golden_paths[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: e["encoder"].pop("module.backbone.norm.weight"), r"missing norm\.weight"),
        (
            lambda e: e["predictor"].update({"module.extra": torch.zeros(1)}),
            r"predictor: unexpected extra",
        ),
        (lambda e: e.pop("predictor"), "no 'predictor' in it"),
        (lambda e: e.update(decoder={}), "unexpected decoder"),
    ],
)
def test_damaged_checkpoints_are_refused(
    official: dict[str, Any],
    golden_paths: tuple[Path, Path],
    tmp_path: Path,
    change: Any,
    message: str,
) -> None:
    """Each error names the culprit."""
    change(official)
    with pytest.raises(CheckpointError, match=message):
        load_world_model(saved(official, tmp_path), golden_paths[1])


def test_checkpoint_of_another_size(golden_paths: tuple[Path, Path], tmp_path: Path) -> None:
    """The weights that don't fit are named with both sizes."""
    config = json.loads(golden_paths[1].read_text())
    config["ac_predictor"]["embed_dim"] = 64
    with pytest.raises(CheckpointError, match=r"action_encoder\.bias is \[128\], expected \[64\]"):
        load_world_model(golden_paths[0], config)


def test_missing_and_foreign_files(tmp_path: Path) -> None:
    """A path without a file, and a file that is no checkpoint."""
    with pytest.raises(FileNotFoundError, match="no checkpoint at"):
        load_world_model(tmp_path / "absent.pt")
    for name in ("text.pt", "text.safetensors"):
        (tmp_path / name).write_text("not weights")
        with pytest.raises(CheckpointError, match="not a readable checkpoint"):
            load_world_model(tmp_path / name)


class Dangerous:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("harm-was-done"),))


def test_pickled_code_is_not_run(
    official: dict[str, Any],
    golden_paths: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A checkpoint with code in it is refused, and the code does not run."""
    monkeypatch.chdir(tmp_path)
    path = saved({**official, "opt": Dangerous()}, tmp_path)
    with pytest.raises(CheckpointError):
        load_world_model(path, golden_paths[1])
    assert not Path("harm-was-done").exists()


def test_released_layout_needs_no_config() -> None:
    """Built without weights, the default sizes have the released model's parameter counts."""
    with torch.device("meta"):
        model = WorldModel(RELEASED)
    encoder, predictor = (
        sum(p.numel() for p in part.parameters()) for part in (model.encoder, model.predictor)
    )
    assert encoder == pytest.approx(1.01e9, rel=0.01)
    assert predictor == pytest.approx(305e6, rel=0.01)


@pytest.mark.parametrize(
    ("part", "size", "value"),
    [
        ("encoder", "depth", 10**9),
        ("encoder", "embed_dim", "16"),
        ("encoder", "num_heads", 0),
        ("encoder", "mlp_ratio", float("nan")),
        ("ac_predictor", "num_heads", 7),
        ("ac_predictor", "use_extrinsics", []),
    ],
)
def test_sizes_that_no_model_has(
    golden_paths: tuple[Path, Path], part: str, size: str, value: object
) -> None:
    """They are named before anything is built of them."""
    config = json.loads(golden_paths[1].read_text())
    config[part][size] = value
    with pytest.raises(CheckpointError, match=f"config.{part}: .*{size}"):
        load_world_model(golden_paths[0], config)


def test_entries_that_are_no_weights(
    official: dict[str, Any], golden_paths: tuple[Path, Path], tmp_path: Path
) -> None:
    """A network in whose place something else lies, and odd names."""
    for entries in ({**official, "encoder": [1]}, {**official, "encoder": {"norm.bias": None}}):
        with pytest.raises(CheckpointError, match="'encoder' in it is no network"):
            load_world_model(saved(entries, tmp_path), golden_paths[1])
    with pytest.raises(CheckpointError, match="unexpected 3"):
        load_world_model(saved({**official, 3: 4}, tmp_path), golden_paths[1])
