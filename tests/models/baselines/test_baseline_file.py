"""Baselines on disk."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from vjepa2_models import CheckpointError
from vjepa2_models.baselines import (
    BehaviourCloning,
    PixelPredictor,
    baseline_kind,
    load_pixel_predictor,
    load_policy,
    save_pixel_predictor,
    save_policy,
)
from vjepa2_models.baselines.baseline_file import bundled

WEIGHTS = Path(__file__).parents[3] / "vjepa2_models" / "weights"


def test_a_file_gives_the_predictor_back(predictor: PixelPredictor, tmp_path: Path) -> None:
    """Weights to half precision, sizes, statistics; nothing is left beside it."""
    path = tmp_path / "pixels.safetensors"
    predictor.motion.fit(torch.rand(100, 7), 0.05 * torch.randn(100, 7))
    save_pixel_predictor(predictor, path)
    loaded = load_pixel_predictor(path)
    assert loaded.sizes == predictor.sizes and not loaded.training
    given = torch.rand(2, 3, 16, 16), torch.rand(2, 7), 0.05 * torch.randn(2, 7)
    torch.testing.assert_close(loaded(*given), predictor(*given), atol=5e-3, rtol=0)
    assert {value.dtype for value in load_file(path).values()} == {torch.float16}
    assert {value.dtype for value in loaded.state_dict().values()} == {torch.float32}
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_file_gives_the_policy_back(policy: BehaviourCloning, tmp_path: Path) -> None:
    """Weights to half precision, and sizes."""
    path = tmp_path / "policy.safetensors"
    save_policy(policy, path)
    loaded = load_policy(path)
    assert loaded.sizes == policy.sizes and not loaded.training
    given = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 16, 16), torch.rand(2, 7)
    torch.testing.assert_close(loaded(*given), policy(*given), atol=2e-3, rtol=0)


def test_the_kind_is_told(
    predictor: PixelPredictor, policy: BehaviourCloning, tmp_path: Path
) -> None:
    """Of both baselines; of a world model, of text and of nothing there is none."""
    save_pixel_predictor(predictor, tmp_path / "pixels.safetensors")
    save_policy(policy, tmp_path / "policy.safetensors")
    (tmp_path / "text").write_text("no weights")
    assert baseline_kind(tmp_path / "pixels.safetensors") == "pixel predictor"
    assert baseline_kind(tmp_path / "policy.safetensors") == "policy"
    for other in (WEIGHTS / "table_top.safetensors", tmp_path / "text", tmp_path / "nowhere"):
        assert baseline_kind(other) is None


def test_files_of_something_else_are_refused(
    predictor: PixelPredictor, policy: BehaviourCloning, tmp_path: Path
) -> None:
    """Each message says what there is, and what writes the right one."""
    pixels, cloned = tmp_path / "pixels.safetensors", tmp_path / "policy.safetensors"
    save_pixel_predictor(predictor, pixels)
    save_policy(policy, cloned)
    with pytest.raises(CheckpointError, match=r"holds a policy, not a pixel .*train-pixels"):
        load_pixel_predictor(cloned)
    with pytest.raises(CheckpointError, match=r"holds a pixel predictor.*vjepa2 train-policy"):
        load_policy(pixels)
    with pytest.raises(CheckpointError, match="holds no baseline, not a policy"):
        load_policy(WEIGHTS / "table_top.safetensors")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.safetensors"):
        load_policy(tmp_path / "nowhere.safetensors")


def test_damaged_files_are_refused(predictor: PixelPredictor, tmp_path: Path) -> None:
    """Text; sizes that are none; weights that are missing or of other sizes."""
    text = tmp_path / "text.safetensors"
    text.write_text("no weights")
    with pytest.raises(CheckpointError, match=r"text\.safetensors: not a readable pixel"):
        load_pixel_predictor(text)

    path = tmp_path / "pixels.safetensors"
    save_pixel_predictor(predictor, path)
    weights, kind = load_file(path), "pixel predictor"
    for sizes in ("nonsense", "[]", '{"depth": 3}', '{"img_size": 60}'):
        save_file(weights, path, metadata={"baseline": kind, "sizes": sizes})
        with pytest.raises(CheckpointError, match="no sizes of a pixel predictor"):
            load_pixel_predictor(path)
    small = '{"img_size": 16, "widths": [8, 16], "condition": 16}'
    save_file(weights, path, metadata={"baseline": kind, "sizes": small})
    with pytest.raises(CheckpointError, match=r"of another size: .*embed"):
        load_pixel_predictor(path)


def test_a_missing_bundled_one_says_how_to_train_it() -> None:
    """With the command that does."""
    with pytest.raises(FileNotFoundError, match=r"no bundled policy at .*`vjepa2 train-policy`"):
        bundled("policy", "nowhere.safetensors")
