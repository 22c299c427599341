"""Checkpoints: bytes, headers, sizes and objects in them."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import strategies as st

from tests.fuzz import readers
from tests.fuzz.cases import sizes
from tests.fuzz.child import Child
from tests.fuzz.page import Page
from tests.fuzz.values import EXECUTED, INTEGERS, json_anything, mutated, spoilt_bytes
from vjepa2_models import WorldModel
from vjepa2_models.baselines.behaviour_cloning import BehaviourCloning, BehaviourCloningSizes
from vjepa2_models.baselines.policy_file import save_policy
from vjepa2_models.checkpoint import save_world_model
from vjepa2_models.dimensions import Dimensions, read_dimensions
from vjepa2_models.frame_decoder import FrameDecoder, FrameDecoderDimensions
from vjepa2_models.frame_decoder_file import hash_encoder, save_frame_decoder

SIZES = {
    "encoder": {"embed_dim": 16, "depth": 1, "num_heads": 1, "mlp_ratio": 2.0},
    "ac_predictor": {"embed_dim": 16, "depth": 1, "num_heads": 1},
    "img_size": 32,
    "patch_size": 16,
    "num_frames": 4,
}
HOW = ("bytes", "length", "header", "sizes")


class Attack:
    """Leaves a file where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, (EXECUTED,)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With one good file of each kind."""
    folder = tmp_path_factory.mktemp("checkpoints")
    torch.manual_seed(0)
    dimensions = read_dimensions(SIZES)
    model = WorldModel(dimensions)
    save_world_model(model, folder / "model.safetensors")
    _save_decoder(folder / "decoder.safetensors", dimensions, model)
    policy = BehaviourCloning(BehaviourCloningSizes())
    save_policy(policy, folder / "policy.safetensors")
    (folder / "config.json").write_text(json.dumps(SIZES))
    return folder


def _save_decoder(path: Path, dimensions: Dimensions, model: WorldModel) -> None:
    decoder = FrameDecoder(FrameDecoderDimensions(16, 1, 1), dimensions)
    save_frame_decoder(decoder, hash_encoder(model.half().float().encoder), path)


@st.composite
def safetensors(draw: Any, content: bytes) -> bytes:
    """The file with another length, header, or sizes in it, or other bytes."""
    how = draw(st.sampled_from(HOW))
    length = struct.unpack("<Q", content[:8])[0]
    header, rest = json.loads(content[8 : 8 + length]), content[8 + length :]
    if how == "bytes":
        return draw(spoilt_bytes(content, start=length))
    if how == "length":
        other = draw(
            st.sampled_from([n for n in INTEGERS if 0 <= n < 2**64]) | st.integers(0, 2**27)
        )
        return struct.pack("<Q", other) + content[8:]
    if how == "header":
        header = draw(mutated(header, json_anything))
    else:
        metadata = header["__metadata__"]
        key = draw(st.sampled_from(sorted(metadata)))
        try:
            odd = json.dumps(draw(mutated(json.loads(metadata[key]), json_anything)))
        except ValueError:  # a plain text
            odd = draw(st.text(max_size=70))
        metadata[key] = odd
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + rest


def _tensors() -> st.SearchStrategy[Any]:
    return st.sampled_from(
        [
            torch.zeros(0),
            torch.zeros(1).expand(2**40),
            torch.zeros(3, dtype=torch.complex64),
            torch.zeros(2, 2).to_sparse(),
            torch.zeros(16, 16, dtype=torch.int64),
            torch.full((16,), float("nan")),
            torch.nn.Parameter(torch.zeros(2)),
            torch.empty(2, device="meta"),
            Attack(),
            Path("x"),
            object,
            {1, 2},
            torch.Generator,
        ]
    )


@st.composite
def pickled(draw: Any, entries: dict[str, Any]) -> dict[str, Any] | Any:
    """What `torch.save` gets: the entries with odd objects in places."""
    return draw(mutated(entries, _tensors() | json_anything))


def _official(folder: Path) -> dict[str, Any]:
    torch.manual_seed(0)
    model = WorldModel(read_dimensions(SIZES))
    state = {"encoder": model.encoder.state_dict(), "predictor": model.predictor.state_dict()}
    return {name: dict(weights) for name, weights in state.items()}


def _examine(
    child: Child, path: Path, read: Callable[..., str], *arguments: Any
) -> Callable[[bytes], str]:
    def examine(content: bytes) -> str:
        path.write_bytes(content)
        return child.call(read, path, *arguments)

    return examine


READERS: dict[str, tuple[str, Callable[..., str], tuple[str, ...]]] = {
    "world models": ("model", readers.world_model, ("",)),
    "weights of any layout": ("model", readers.parts, ()),
    "frame decoders": ("decoder", readers.decoder, ("model.safetensors",)),
    "policies": ("policy", readers.policy, ()),
}


@pytest.mark.parametrize("kind", READERS)
@sizes(350, 10)
def test_safetensors(cases: int, kind: str, page: Page, child: Child, folder: Path) -> None:
    """CheckpointError, whatever the header claims."""
    name, read, beside = READERS[kind]
    arguments = [folder / other if other else None for other in beside]
    content = (folder / f"{name}.safetensors").read_bytes()
    tally = page.tally(f"checkpoints, `.safetensors`: {kind}")
    tally.draw(
        safetensors(content),
        cases,
        _examine(child, folder / "case.safetensors", read, *arguments),
    )
    assert not tally.crashes, f"{len(tally.crashes)}: {tally.crashes[0]}"
    assert tally.refused.total() > cases / 4, "a changed weight is still a weight"


@pytest.mark.parametrize("kind", ["world models", "weights of any layout", "trainings"])
@sizes(250, 10)
def test_pickles(
    cases: int,
    kind: str,
    page: Page,
    child: Child,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is unpickled but tensors and plain values."""
    entries = _official(folder)
    path = tmp_path / "case.pt"
    read = partial(child.call, readers.world_model, path, folder / "config.json")
    if kind == "weights of any layout":
        read = partial(child.call, readers.parts, path)
    if kind == "trainings":
        (tmp_path / "checkpoints").mkdir()
        path = tmp_path / "checkpoints" / "last.pt"
        identity = json.dumps({"settings": {"steps": 4}})
        entries = {
            "step": 3,
            "identity": identity,
            "modules": entries,
            "optimiser": {},
            "random": {},
        }
        read = partial(child.call, readers.training, tmp_path)
    torch.save(entries, path)
    good = path.read_bytes()

    def examine(case: Any) -> str:
        if isinstance(case, bytes):
            path.write_bytes(case)
        else:
            torch.save(case, path)
        return read()

    tally = page.tally(f"checkpoints, `.pt`: {kind}")
    tally.draw(spoilt_bytes(good) | pickled(entries), cases, examine)
    assert not tally.crashes, f"{len(tally.crashes)}: {tally.crashes[0]}"
    assert tally.refused.total() > cases / 4
    assert not Path(EXECUTED).exists()


@sizes(250, 10)
def test_sizes(cases: int, page: Page, child: Child, folder: Path, tmp_path: Path) -> None:
    """The JSON file of sizes that is given beside a checkpoint."""
    path, config = tmp_path / "model.pt", tmp_path / "sizes.json"
    torch.save(_official(folder), path)
    complete = json.loads(json.dumps(asdict(read_dimensions(SIZES))))

    def examine(content: str) -> str:
        config.write_text(content)
        return child.call(readers.world_model, path, config)

    tally = page.tally("checkpoints: sizes given as JSON")
    tally.draw(mutated(complete, json_anything).map(json.dumps), cases, examine)
    assert not tally.crashes, f"{len(tally.crashes)}: {tally.crashes[0]}"
    assert tally.refused.total() > cases / 4
