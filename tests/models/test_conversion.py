"""Checkpoints between the official layout, that of `transformers` and ours."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import Tensor
from transformers import VJEPA2Config, VJEPA2Model

from vjepa2_models import CheckpointError, WorldModel, load_world_model
from vjepa2_models.checkpoint_parts import read_file
from vjepa2_models.conversion import convert, export_official
from vjepa2_models.dimensions import ENCODERS, Dimensions, EncoderDimensions
from vjepa2_models.encoder import Encoder
from vjepa2_models.inferred_sizes import encoder_shape
from vjepa2_models.mask_predictor import MaskPredictor
from vjepa2_models.networks import load_encoder, read_networks
from vjepa2_models.safetensors_stream import write_safetensors
from vjepa2_models.transformer import normalise
from vjepa2_models.transformers_naming import (
    encoder_from_transformers,
    encoder_to_transformers,
    predictor_from_transformers,
    predictor_to_transformers,
)

Golden = dict[str, Tensor]
Paths = tuple[Path, Path]


def tensors(path: Path) -> dict[str, Tensor]:
    """All weights by `entry.name`, without wrappers' prefixes."""
    networks = read_networks(path)
    parts = {"e": networks.encoder, "p": networks.ac_predictor, "m": networks.mask_predictor}
    return {
        f"{part}.{name}": value
        for part, network in parts.items()
        if network is not None
        for name, value in network.state_dict().items()
    }


def same(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> bool:
    return ours.keys() == theirs.keys() and all(torch.equal(ours[n], theirs[n]) for n in ours)


def official_names(path: Path, entry: str) -> set[str]:
    return set(torch.load(path, weights_only=True)[entry])


@pytest.fixture
def ours(golden_paths: Paths, tmp_path: Path) -> Path:
    path = tmp_path / "ours.safetensors"
    convert(golden_paths[0], path, config=golden_paths[1])
    return path


def test_golden_file_gives_the_same_outputs(ours: Path, golden: Golden) -> None:
    """Converted to ours, the official features and predictions come out."""
    model = load_world_model(ours)
    features = model.encode(golden["frames_uint8"])
    torch.testing.assert_close(features, golden["features"], atol=1e-4, rtol=0)
    predicted = model.predict(
        golden["features"][None, :2],
        golden["actions"][:, :2].float(),
        golden["states"][:, :2].float(),
    )
    official = golden["prediction_normed_T2"]
    torch.testing.assert_close(predicted.reshape(official.shape), official, atol=1e-4, rtol=0)


def test_back_to_official_exactly(
    ours: Path, golden_paths: Paths, golden_config: dict[str, Any], tmp_path: Path
) -> None:
    """Same names, same bits; and the official trainer's entries are there."""
    back = tmp_path / "back.pt"
    convert(ours, back)
    before = torch.load(golden_paths[0], weights_only=True)
    after = torch.load(back, weights_only=True)
    for entry in ("encoder", "predictor", "mask_predictor"):
        assert same(after[entry], before[entry])
    assert same(after["target_encoder"], before["encoder"])
    assert after["epoch"] == 0
    load_world_model(back, golden_config)
    assert back.stat().st_size < 1.02 * golden_paths[0].stat().st_size  # one encoder, not two


def test_export_official(world_model: WorldModel, golden_paths: Paths, tmp_path: Path) -> None:
    """A world model in memory becomes what the official hub loader takes."""
    export_official(world_model, tmp_path / "model.pt")
    for entry in ("encoder", "predictor"):
        names = official_names(golden_paths[0], entry)
        assert official_names(tmp_path / "model.pt", entry) == names
    export_official(world_model, tmp_path / "half.pt", torch.bfloat16)
    assert (tmp_path / "half.pt").stat().st_size < 0.52 * (tmp_path / "model.pt").stat().st_size


def test_through_transformers_and_back(ours: Path, tmp_path: Path) -> None:
    """Encoder and mask predictor survive bit for bit; it has no action-conditioned one."""
    convert(ours, tmp_path / "folder")
    convert(tmp_path / "folder", tmp_path / "back.safetensors")
    before = {name: v for name, v in tensors(ours).items() if not name.startswith("p.")}
    assert same(tensors(tmp_path / "back.safetensors"), before)


@pytest.fixture(scope="module")
def transformers_model() -> VJEPA2Model:
    torch.manual_seed(0)
    config = VJEPA2Config(
        crop_size=64,
        frames_per_clip=8,
        hidden_size=96,
        num_attention_heads=4,
        num_hidden_layers=3,
        pred_hidden_size=32,
        pred_num_attention_heads=2,
        pred_num_hidden_layers=2,
    )
    model = VJEPA2Model(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return model


def test_from_transformers(transformers_model: VJEPA2Model, tmp_path: Path) -> None:
    """A saved model, converted, gives the same features and masked predictions."""
    transformers_model.save_pretrained(tmp_path / "saved")
    networks = convert(tmp_path / "saved", tmp_path / "ours.safetensors")
    assert networks.dimensions.img_size == 64
    clip = torch.randn(2, 3, 8, 64, 64)
    keep, hidden = torch.arange(40).expand(2, -1), torch.arange(40, 64).expand(2, -1)
    with torch.inference_mode():
        theirs = transformers_model(
            clip.transpose(1, 2), context_mask=[keep], target_mask=[hidden]
        )
        encoder = load_encoder(tmp_path / "ours.safetensors")
        features = encoder(clip)
        predictor = read_networks(tmp_path / "ours.safetensors").mask_predictor
        assert isinstance(predictor, MaskPredictor)
        predicted = predictor(features[:, :40], keep, hidden, mask_token=1)
    official = theirs.predictor_output.last_hidden_state
    torch.testing.assert_close(features, theirs.last_hidden_state, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(predicted, official, atol=1e-3, rtol=1e-3)


def test_to_transformers(ours: Path, golden: Golden, tmp_path: Path) -> None:
    """`from_pretrained` takes the folder, finds all weights, and gives the official features."""
    convert(ours, tmp_path / "folder")
    model, info = VJEPA2Model.from_pretrained(tmp_path / "folder", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"]
    encoder = load_encoder(ours)
    clip = torch.randn(1, 3, 4, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        theirs = model(clip.transpose(1, 2), skip_predictor=True).last_hidden_state
        torch.testing.assert_close(normalise(encoder(clip)), normalise(theirs), atol=1e-4, rtol=0)


@given(st.integers(1, 3), st.integers(1, 4))
def test_names_there_and_back(depth: int, tokens: int) -> None:
    """To the names of `transformers` and back nothing changes."""
    draw = torch.Generator().manual_seed(0)

    def weights(blocks: str, names: tuple[str, ...]) -> dict[str, Tensor]:
        inner = {f"{blocks}.{i}.attn.qkv.weight": (12, 4) for i in range(depth)}
        outer = dict.fromkeys(names, (4,))
        shapes: dict[str, tuple[int, ...]] = {**inner, **outer}
        return {name: torch.randn(shape, generator=draw) for name, shape in shapes.items()}

    encoder = weights("blocks", ("norm.weight", "blocks.0.norm1.bias", "patch_embed.proj.bias"))
    assert same(encoder_from_transformers(encoder_to_transformers(encoder)), encoder)
    predictor = weights("predictor_blocks", ("predictor_norm.bias", "predictor_proj.weight"))
    predictor |= {f"mask_tokens.{i}": torch.randn(1, 1, 4) for i in range(tokens)}
    assert same(predictor_from_transformers(predictor_to_transformers(predictor)), predictor)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_precision(ours: Path, tmp_path: Path, dtype: torch.dtype) -> None:
    """All weights get it, and are the rounded ones."""
    convert(ours, tmp_path / "cast.safetensors", dtype)
    rounded = {name: value.to(dtype) for name, value in tensors(ours).items()}
    assert same(tensors(tmp_path / "cast.safetensors"), rounded)


def test_streamed_file_is_a_safetensors_file(tmp_path: Path) -> None:
    """Shapes of every kind, and views, are read back by the library itself."""
    given_ = {
        "scalar": torch.tensor(3.0),
        "empty": torch.zeros(0, 2),
        "transposed": torch.arange(6.0).reshape(2, 3).T,
        "half": torch.ones(3, dtype=torch.bfloat16),
    }
    write_safetensors(given_, tmp_path / "x.safetensors", {"note": "ü"})
    assert same(load_file(tmp_path / "x.safetensors"), given_)
    assert not (tmp_path / "x.safetensors.partial").exists()


def test_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """The error is the system's, and the file that was there before still is."""
    target = tmp_path / "x.safetensors"
    target.write_text("before")
    (tmp_path / "x.safetensors.partial").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write_safetensors({"x": torch.zeros(1 << 20)}, target, {})
    assert [p.name for p in tmp_path.iterdir()] == ["x.safetensors"]
    assert target.read_text() == "before"


def test_stripped_of_the_optimiser(golden_paths: Paths, tmp_path: Path) -> None:
    """A trainer's checkpoint loses all but the networks."""
    official = torch.load(golden_paths[0], weights_only=True)
    big = torch.zeros(1 << 22)
    opt = {"state": {0: {"exp_avg": big}}, "param_groups": [{"lr": 1e-3}]}
    torch.save({**official, "opt": opt, "scaler": None, "epoch": 3}, tmp_path / "trainer.pt")
    convert(tmp_path / "trainer.pt", tmp_path / "x.safetensors", config=golden_paths[1])
    assert (tmp_path / "x.safetensors").stat().st_size < 5e6
    load_world_model(tmp_path / "x.safetensors")


def pretraining_checkpoint(golden_paths: Paths, path: Path) -> dict[str, Any]:
    """As the official stage 1 writes it: the mask predictor is `predictor`."""
    official = torch.load(golden_paths[0], weights_only=True)
    teacher = {name: value + 1 for name, value in official["encoder"].items()}
    predictor = official["mask_predictor"]
    entries = {"encoder": official["encoder"], "target_encoder": teacher, "predictor": predictor}
    torch.save(entries, path)
    return teacher


def test_pretraining_checkpoint(golden_paths: Paths, tmp_path: Path) -> None:
    """Its teacher is the encoder, its predictor the mask predictor."""
    teacher = pretraining_checkpoint(golden_paths, tmp_path / "stage1.pt")
    encoder = load_encoder(tmp_path / "stage1.pt", golden_paths[1])
    assert torch.equal(encoder.norm.weight, teacher["module.backbone.norm.weight"])
    assert not any(p.requires_grad for p in encoder.parameters())
    networks = read_networks(tmp_path / "stage1.pt", golden_paths[1])
    assert networks.ac_predictor is None and networks.mask_predictor is not None


def test_encoder_only_files(golden_paths: Paths, tmp_path: Path) -> None:
    """`{"encoder": …}`, a training's own checkpoint and our encoder-only file all serve."""
    encoder = load_encoder(golden_paths[0], golden_paths[1])
    entries: dict[str, Any] = {"encoder": encoder.state_dict(), "history": "[]"}
    torch.save(entries, tmp_path / "stage1.pt")
    torch.save({"modules": entries, "step": 3}, tmp_path / "last.pt")
    convert(tmp_path / "stage1.pt", tmp_path / "encoder.safetensors", config=golden_paths[1])
    for name, config in (
        ("stage1.pt", golden_paths[1]),
        ("last.pt", golden_paths[1]),
        ("encoder.safetensors", None),
    ):
        loaded = load_encoder(tmp_path / name, config)
        assert loaded.dimensions.encoder == encoder.dimensions.encoder
        assert same(loaded.state_dict(), encoder.state_dict())
    with pytest.raises(CheckpointError, match="no 'predictor' in it"):
        load_world_model(tmp_path / "encoder.safetensors")


@pytest.mark.parametrize("name", ["vit_large", "vit_huge", "vit_giant"])
def test_released_sizes_are_told_by_the_weights(name: str) -> None:
    """Without config: the encoder's sizes, heads included."""
    with torch.device("meta"):
        weights = Encoder(Dimensions(ENCODERS[name])).state_dict()
    shape = encoder_shape(weights)
    told = EncoderDimensions(shape.embed_dim, shape.depth, shape.num_heads or 0, shape.mlp_ratio)
    assert told == ENCODERS[name]
    assert (shape.patch_size, shape.tubelet_size) == (16, 2)


def test_unknown_heads_are_asked_for(golden_paths: Paths) -> None:
    """They leave no trace in the weights."""
    with pytest.raises(CheckpointError, match=r"pass the sizes \(config, with encoder\.num_heads"):
        read_networks(golden_paths[0])


def test_version_2_1_is_refused(golden_paths: Paths, tmp_path: Path) -> None:
    """Told from the names of its weights; the error says what differs."""
    official = torch.load(golden_paths[0], weights_only=True)
    official["encoder"]["module.backbone.video_mod_embed"] = torch.zeros(1, 1, 128)
    torch.save({"ema_encoder": official["encoder"]}, tmp_path / "v21.pt")
    with pytest.raises(CheckpointError, match=r"2\.1 differs.*rotary frequencies"):
        convert(tmp_path / "v21.pt", tmp_path / "x.safetensors", config=golden_paths[1])


def test_bad_sources_and_targets(ours: Path, golden_paths: Paths, tmp_path: Path) -> None:
    """Each error names the culprit and the remedy, and nothing is written."""
    with pytest.raises(FileNotFoundError, match="no checkpoint at"):
        convert(tmp_path / "absent.pt", tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError, match=r"unknown suffix \.onnx"):
        convert(ours, tmp_path / "x.onnx")
    with pytest.raises(CheckpointError, match="is the source itself"):
        convert(ours, ours)
    (tmp_path / "text.pt").write_text("not weights")
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        convert(tmp_path / "text.pt", tmp_path / "x.safetensors")
    (tmp_path / "cut.pt").write_bytes(golden_paths[0].read_bytes()[:1_000_000])
    with pytest.raises(CheckpointError, match="not a readable checkpoint"):
        convert(tmp_path / "cut.pt", tmp_path / "x.safetensors")
    torch.save({"decoder": {}}, tmp_path / "other.pt")
    with pytest.raises(CheckpointError, match="no 'encoder' in it; it holds decoder"):
        convert(tmp_path / "other.pt", tmp_path / "x.safetensors")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no \.safetensors file in the folder"):
        convert(tmp_path / "empty", tmp_path / "x.safetensors")
    assert not (tmp_path / "x.safetensors").exists()


class Dangerous:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("harm-was-done"),))


def test_code_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names what would have to be unpickled, and says what to do instead."""
    monkeypatch.chdir(tmp_path)
    torch.save({"encoder": {}, "opt": Dangerous()}, "bad.pt")
    with pytest.raises(CheckpointError, match=r"objects of .*pathlib.*save only the networks"):
        read_file("bad.pt")
    assert not Path("harm-was-done").exists()


def peak_bytes() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def test_little_memory(tmp_path: Path) -> None:
    """A change of precision holds one tensor at a time."""
    weights = {f"x{i}": torch.zeros(1).expand(1 << 20) for i in range(64)}
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = peak_bytes()
    write_safetensors(weights, tmp_path / "x.safetensors", {}, torch.bfloat16)
    assert peak_bytes() - before < 32 << 20
    assert (tmp_path / "x.safetensors").stat().st_size > 128 << 20
