"""The cache of features."""

import shutil
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch

from vjepa2_data import build_index, open_episode
from vjepa2_models import WorldModel, load_world_model
from vjepa2_models.training.clips import feature_encoding
from vjepa2_models.training.clips.feature_cache import FeatureCache
from vjepa2_models.training.clips.feature_clips import cached_clips
from vjepa2_models.training.clips.feature_encoding import cached_features
from vjepa2_models.training.engine.processes import Processes

ALONE = Processes(0, 1, torch.device("cpu"))


@pytest.fixture
def model(tiny_encoder: Path) -> WorldModel:
    return load_world_model(tiny_encoder)


def encode(data: Path, model: WorldModel, folder: Path, workers: int = 0) -> FeatureCache:
    return cached_features(
        build_index(data, workers=1), 4.0, model.encoder, folder, ALONE, workers
    )


def test_cached_features_are_those_of_inference(
    squares: Path, model: WorldModel, tmp_path: Path
) -> None:
    """Up to bf16 autocast and half precision; states beside them."""
    cache = encode(squares, model, tmp_path, workers=1)
    index = build_index(squares, workers=1)
    with open_episode(squares, index.episodes[3]) as reader:
        clip = reader.read(range(10))
    features = torch.from_numpy(cache.clip("features", 3, 2, 5)).float()
    torch.testing.assert_close(features, model.encode(clip.frames[2:7]), atol=0.05, rtol=0)
    assert np.array_equal(cache.clip("states", 3, 2, 5), clip.states[2:7])


def test_a_cache_is_used_again_and_never_stale(
    squares: Path, model: WorldModel, tmp_path: Path
) -> None:
    """The same encoder and data find it; another weight or episode does not."""
    first = encode(squares, model, tmp_path)
    with patch.object(feature_encoding, "_fill") as fill:
        assert encode(squares, model, tmp_path) == first
        fill.assert_not_called()
    model.encoder.norm.weight.data[0] += 1
    assert encode(squares, model, tmp_path).folder != first.folder
    copied = tmp_path / "data"
    shutil.copytree(squares, copied)
    (copied / "index.json").unlink(missing_ok=True)
    shutil.rmtree(copied / "episode_00")
    assert encode(copied, model, tmp_path).folder.name not in {first.folder.name}


def test_encoding_goes_on_where_it_was_interrupted(
    squares: Path, model: WorldModel, tmp_path: Path
) -> None:
    """Chunks that are marked as done are not encoded again."""
    whole = encode(squares, model, tmp_path / "whole")
    encoded: list[int] = []
    genuine = feature_encoding._encode

    def interrupted(encoder: torch.nn.Module, images: torch.Tensor) -> torch.Tensor:
        if len(encoded) == 9:
            raise KeyboardInterrupt
        encoded.append(len(images))
        return genuine(encoder, images)  # type: ignore[arg-type]

    with (
        patch.object(feature_encoding, "_encode", interrupted),
        patch.object(feature_encoding, "FLUSH_EVERY", 4),
        pytest.raises(KeyboardInterrupt),
    ):
        encode(squares, model, tmp_path / "resumed")
    with patch.object(feature_encoding, "_encode", side_effect=genuine) as rest:
        resumed = encode(squares, model, tmp_path / "resumed")
    assert rest.call_count == 16 - 8
    assert np.array_equal(whole.array("features"), resumed.array("features"))


def test_broken_episodes_are_left_out(squares: Path, model: WorldModel, tmp_path: Path) -> None:
    """One whose video is damaged after it was indexed gives no clips, and stops nothing."""
    data = tmp_path / "data"
    shutil.copytree(squares, data)
    index = build_index(data, workers=1)
    (video,) = (data / index.episodes[5].path).rglob("*.mp4")
    video.write_bytes(video.read_bytes()[:100])
    cache = cached_features(index, 4.0, model.encoder, tmp_path / "cache", ALONE, 0)
    assert cache.broken() == [5]
    clips = cached_clips(cache, index, index, frames=4, batch=16, seed=0)
    assert 5 not in clips.draw.episodes
    assert len(clips.draw.episodes) == 15


def test_the_disk_is_claimed_at_once(
    squares: Path, model: WorldModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No holes that a full disk could not fill later."""
    monkeypatch.setattr(feature_encoding, "_fill", lambda *_: None)
    cache = encode(squares, model, tmp_path)
    claimed = (cache.folder / "features.bin").stat().st_blocks * 512
    assert claimed >= cache.array("features").nbytes


def test_a_disk_that_is_too_small(
    squares: Path, model: WorldModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said before the hours of encoding, with the sizes."""
    usage = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match=r"the features need .* set feature_folder"):
        encode(squares, model, tmp_path)
