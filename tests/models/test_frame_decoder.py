"""The frame decoder: where its pixels go, its colours, and its file."""

from pathlib import Path

import pytest
import torch

from vjepa2_models import CheckpointError, WorldModel, preprocess
from vjepa2_models.encoder import Encoder
from vjepa2_models.frame_decoder import (
    FrameDecoder,
    FrameDecoderDimensions,
    to_pictures,
    to_rgb,
)
from vjepa2_models.frame_decoder_file import (
    hash_encoder,
    load_frame_decoder,
    save_frame_decoder,
)

SIZES = FrameDecoderDimensions(embed_dim=24, depth=2, num_heads=2)


def features(world_model: WorldModel, frames: int) -> torch.Tensor:
    """Random features of so many frames."""
    sizes = world_model.dimensions
    return torch.randn(
        frames,
        sizes.tokens,
        sizes.encoder.embed_dim,
        generator=torch.Generator().manual_seed(0),
    )


def test_features_become_pictures(world_model: WorldModel) -> None:
    """Sizes and types, each frame by itself."""
    decoder = FrameDecoder(SIZES, world_model.dimensions).eval()
    size = world_model.dimensions.img_size
    tokens = features(world_model, 3)
    rgb = decoder(tokens)
    assert rgb.shape == (3, 3, size, size) and rgb.dtype == torch.float32
    torch.testing.assert_close(decoder(tokens[1:2])[0], rgb[1])
    pictures = decoder.decode(tokens)
    assert pictures.shape == (3, size, size, 3) and pictures.dtype == torch.uint8


def test_each_token_paints_its_own_patch(world_model: WorldModel) -> None:
    """Without attention, a change of one token changes the pixels of its patch alone."""
    sizes = world_model.dimensions
    decoder = FrameDecoder(FrameDecoderDimensions(24, 0, 2), sizes)
    tokens = features(world_model, 1)
    row, column = 1, sizes.grid - 1
    changed = tokens.clone()
    changed[0, row * sizes.grid + column] += torch.randn(sizes.encoder.embed_dim)
    difference = (decoder(changed) - decoder(tokens)).abs().sum(dim=1)[0] > 0
    patch = sizes.patch_size
    inside = difference[row * patch : (row + 1) * patch, column * patch : (column + 1) * patch]
    assert inside.float().mean() > 0.9
    assert difference.sum() == inside.sum()


def test_colours_come_back(world_model: WorldModel) -> None:
    """What preprocessing did to the colours is undone, exactly in 8 bits."""
    size = world_model.dimensions.img_size
    frames = torch.randint(0, 256, (2, size, size, 3), dtype=torch.uint8)
    assert torch.equal(to_pictures(to_rgb(preprocess(frames, size, "square"))), frames)


def test_file_gives_the_decoder_back(world_model: WorldModel, tmp_path: Path) -> None:
    """Weights to half precision, sizes, and its encoder in half precision is the same one."""
    decoder = FrameDecoder(SIZES, world_model.dimensions)
    path = tmp_path / "decoder.safetensors"
    save_frame_decoder(decoder, hash_encoder(world_model.encoder), path)
    loaded = load_frame_decoder(path, world_model.encoder)
    assert loaded.sizes == SIZES and loaded.dimensions == world_model.dimensions
    tokens = features(world_model, 1)
    torch.testing.assert_close(loaded(tokens), decoder(tokens), atol=5e-3, rtol=0)
    half = Encoder(world_model.dimensions)
    half.load_state_dict(world_model.encoder.state_dict())
    assert hash_encoder(half.half()) == hash_encoder(world_model.encoder)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_another_encoder_is_refused(world_model: WorldModel, tmp_path: Path) -> None:
    """One weight changed, and the decoder belongs to it no more."""
    path = tmp_path / "decoder.safetensors"
    decoder = FrameDecoder(SIZES, world_model.dimensions)
    save_frame_decoder(decoder, hash_encoder(world_model.encoder), path)
    other = Encoder(world_model.dimensions)
    other.load_state_dict(world_model.encoder.state_dict())
    with torch.no_grad():
        other.norm.bias[0] += 0.1
    with pytest.raises(CheckpointError, match=r"another encoder.*train-decoder"):
        load_frame_decoder(path, other)


def test_files_that_are_none_are_named(world_model: WorldModel, tmp_path: Path) -> None:
    """Missing, text, and a checkpoint of something else."""
    with pytest.raises(FileNotFoundError, match=r"nowhere\.safetensors"):
        load_frame_decoder(tmp_path / "nowhere.safetensors", world_model.encoder)
    text = tmp_path / "text.safetensors"
    text.write_text("no weights")
    with pytest.raises(CheckpointError, match=r"text\.safetensors: not a readable"):
        load_frame_decoder(text, world_model.encoder)
    bundled = Path(__file__).parents[2] / "vjepa2_models" / "weights" / "table_top.safetensors"
    with pytest.raises(CheckpointError, match="no frame decoder"):
        load_frame_decoder(bundled, world_model.encoder)
