"""`vjepa2 weights`, from what is typed to what lies on disk."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.models.file_server import FileServer, running_server
from vjepa2.weights import main
from vjepa2_models import load_world_model
from vjepa2_models.checkpoint import CheckpointError
from vjepa2_models.checksum import ChecksumError
from vjepa2_models.conversion import convert
from vjepa2_models.dimensions import read_dimensions
from vjepa2_models.download import DownloadError
from vjepa2_models.known_weights import KNOWN
from vjepa2_models.networks import load_encoder

Paths = tuple[Path, Path]


@pytest.fixture
def server(golden_paths: Paths) -> Iterator[FileServer]:
    with running_server() as server:
        server.files["/tiny.pt"] = golden_paths[0].read_bytes()
        yield server


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("command", [(), ("fetch",), ("inspect",), ("convert",)])
def test_help_has_examples(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Each command's; fetch lists what it knows."""
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0 and "examples:" in shown
    assert command != ("fetch",) or all(name in shown for name in KNOWN)


def test_fetch_strips(
    server: FileServer,
    here: Path,
    golden_paths: Paths,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From an address to a world model that loads by itself; the download is gone."""
    url, sizes = f"{server.url}/tiny.pt", str(golden_paths[1])
    assert main(["fetch", url, "--config", sizes, "--dtype", "bf16"]) == 0
    assert names(here / "weights") == {"tiny.safetensors", "tiny.pt.sha256"}
    assert "weights/tiny.safetensors" in capsys.readouterr().out
    assert load_world_model("weights/tiny.safetensors").dimensions.img_size == 64
    asked = len(server.requests)
    assert main(["fetch", url]) == 0  # it is there
    assert len(server.requests) == asked
    assert "already there" in capsys.readouterr().err


def test_fetch_keeps_or_leaves_raw(server: FileServer, here: Path, golden_paths: Paths) -> None:
    """--keep: both; --raw: only the download, unchanged."""
    url, sizes = f"{server.url}/tiny.pt", str(golden_paths[1])
    main(["fetch", url, "--out", "a", "--config", sizes, "--keep"])
    assert names(here / "a") == {"tiny.safetensors", "tiny.pt.sha256", "tiny.download"}
    main(["fetch", url, "--out", "b", "--raw"])
    assert (here / "b" / "tiny.pt").read_bytes() == golden_paths[0].read_bytes()


def test_fetch_again_after_a_failed_conversion(
    server: FileServer, here: Path, golden_paths: Paths
) -> None:
    """Sizes were forgotten: the download is not asked for twice."""
    url = f"{server.url}/tiny.pt"
    with pytest.raises(CheckpointError, match="pass the sizes"):
        main(["fetch", url])
    asked = len(server.requests)
    main(["fetch", url, "--config", str(golden_paths[1])])
    assert len(server.requests) == asked
    assert names(here / "weights") == {"tiny.safetensors", "tiny.pt.sha256"}


def test_fetch_of_another_content(server: FileServer, here: Path) -> None:
    """A wrong checksum: refused before anything reads the file."""
    with pytest.raises(ChecksumError, match="expected 1111"):
        main(["fetch", f"{server.url}/tiny.pt", "--sha256", "1" * 64])
    assert not (here / "weights" / "tiny.safetensors").exists()


@pytest.mark.parametrize("name", [n for n, w in KNOWN.items() if w.kind == "V-JEPA 2.1"])
def test_fetch_of_version_2_1(name: str, here: Path) -> None:
    """Refused before a download of many GB, with what differs."""
    with pytest.raises(CheckpointError, match=r"2\.1 differs.*--raw"):
        main(["fetch", name])
    assert not names(here)


def test_fetch_of_the_unknown(here: Path) -> None:
    """The nearest known names are given."""
    with pytest.raises(CheckpointError, match="did you mean vjepa2-ac-vitg"):
        main(["fetch", "vjepa2-ac-vit-g"])
    with pytest.raises(DownloadError, match="only https"):
        main(["fetch", "http://example.org/x.pt"])


@pytest.fixture
def hub(
    server: FileServer, golden_paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[FileServer, str]:
    """The server as Hugging Face, with a small encoder under a known name."""
    known = KNOWN["vjepa2-vitl-fpc64-256"]
    sizes = read_dimensions(golden_paths[1])
    small = type(known)(known.name, known.kind, "", None, known.repository, sizes)
    monkeypatch.setitem(KNOWN, known.name, small)
    folder = tmp_path / "published"
    convert(golden_paths[0], folder, config=golden_paths[1])
    for name in ("config.json", "model.safetensors"):
        path = f"/{known.repository}/resolve/main/{name}"
        server.files[path] = (folder / name).read_bytes()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    return server, path


def test_fetch_from_hugging_face(hub: tuple[FileServer, str], here: Path) -> None:
    """Through its own client, from HF_ENDPOINT, to an encoder that loads by itself."""
    server, path = hub
    main(["fetch", "facebook/vjepa2-vitl-fpc64-256"])
    made = here / "weights" / "vjepa2-vitl-fpc64-256.safetensors"
    assert load_encoder(made).dimensions.encoder.embed_dim == 128
    digest = sha256(server.files[path]).hexdigest()
    record = made.with_suffix(".sha256").read_text()
    assert record == f"{digest}  model.safetensors\n"
    assert names(here / "weights") == {made.name, made.with_suffix(".sha256").name}


def test_fetch_from_hugging_face_fails(hub: tuple[FileServer, str], here: Path) -> None:
    """What is not there is named, and a checksum of one's own is obeyed."""
    server, path = hub
    with pytest.raises(ChecksumError, match="expected 2222"):
        main(["fetch", "vjepa2-vitl-fpc64-256", "--sha256", "2" * 64])
    del server.files[path]
    with pytest.raises(DownloadError, match=r"facebook/vjepa2-vitl-fpc64-256: .*404"):
        main(["fetch", "vjepa2-vitl-fpc64-256"])


def inspected(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    main(["inspect", "--json", *map(str, arguments)])
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    return shown


def test_inspect_a_trainers_checkpoint(
    golden_paths: Paths, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every entry is listed, the optimiser's tensors too."""
    official = torch.load(golden_paths[0], weights_only=True)
    opt = {"state": {0: {"exp_avg": torch.zeros(10)}}, "param_groups": [{"lr": 1e-3}]}
    torch.save({**official, "opt": opt, "epoch": 3}, "trainer.pt")
    found = inspected(capsys, "trainer.pt", "--config", golden_paths[1])
    entries = {entry["name"]: entry for entry in found["entries"]}
    assert entries["opt"]["parameters"] == 10
    assert entries["epoch"]["value"] == "3"
    assert entries["encoder"]["dtypes"] == ["float32"]
    assert found["layout"] == "official"
    assert found["usable_as"] == ["world model", "encoder", "mask predictor"]
    assert found["shapes"]["AC predictor"] == {"embed_dim": 128, "depth": 2, "num_heads": 2}


def test_inspect_without_sizes(golden_paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    """Shapes are told all the same, and what is missing is said."""
    found = inspected(capsys, golden_paths[0])
    assert found["usable_as"] == []
    assert found["shapes"]["encoder (from encoder)"]["embed_dim"] == 128
    assert "pass the sizes" in found["notes"][0]


@pytest.mark.parametrize("target", ["ours.safetensors", "folder"])
def test_inspect_other_layouts(
    target: str, golden_paths: Paths, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours and that of transformers carry their sizes."""
    main(["convert", str(golden_paths[0]), target, "--config", str(golden_paths[1])])
    assert ("left out: the action" in capsys.readouterr().out) == (target == "folder")
    found = inspected(capsys, target)
    assert found["layout"] == ("transformers" if target == "folder" else "ours")
    assert found["dimensions"]["img_size"] == 64
    assert "encoder" in found["usable_as"]


def test_inspect_table(golden_paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    """For people: a table, sizes in words."""
    assert main(["inspect", str(golden_paths[0]), "--config", str(golden_paths[1])]) == 0
    shown = capsys.readouterr().out
    assert "617,180" in shown
    assert "num_heads 2" in shown
    assert "usable as: world model, encoder, mask predictor" in shown
