"""Stage 1 on a tiny world that can be learnt (see conftest.py)."""

import logging
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from vjepa2_data import read_index
from vjepa2_models.dimensions import ENCODERS
from vjepa2_models.encoder import Encoder
from vjepa2_models.networks import load_encoder
from vjepa2_models.training.clips.clip_sources import EpisodeSource
from vjepa2_models.training.engine.checkpoints import Checkpoints
from vjepa2_models.training.engine.engine import prepare, train
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.run_folder import read_history
from vjepa2_models.training.engine.settings_file import SettingsError, read_settings
from vjepa2_models.training.pretraining.pretrain import main, pretrain
from vjepa2_models.training.pretraining.pretraining import PretrainingStage, follow
from vjepa2_models.training.pretraining.pretraining_settings import PretrainingSettings

ALONE = Processes(0, 1, torch.device("cpu"))
PRESETS = sorted((Path(__file__).parents[4] / "config" / "training").glob("pretrain_*.yaml"))
TINY: dict[str, Any] = {
    "model": {
        "encoder": {"embed_dim": 48, "depth": 2, "num_heads": 2},
        "mask_predictor": {
            "embed_dim": 32,
            "depth": 1,
            "num_heads": 1,
            "num_frames": 2,
            "num_mask_tokens": 3,
        },
        "img_size": 32,
        "patch_size": 8,
        "crop": "square",
    },
    "sources": [{"path": ".", "kind": "episodes"}],
    "clips": {"frames": 2, "img_size": 32, "crops": {"scale": [0.4, 1.0]}},
    "cooldown": {"frames": 4, "img_size": 48},
    "ema": 0.95,
    "held_out": 0.2,
    "held_out_clips": 8,
    "probe_episodes": 2,
    "engine": {
        "schedule": {"steps": 24, "peak": 2e-3, "start": 2e-4, "warmup": 2, "decay": 4},
        "batch": 8,
        "precision": "fp32",
        "workers": 0,
        "report_every": 4,
        "validate_every": 12,
        "checkpoint_every": 8,
    },
}


def tiny(*overrides: str) -> PretrainingSettings:
    return read_settings(PretrainingSettings, TINY, overrides)


def make_stage(settings: PretrainingSettings, squares: Path) -> PretrainingStage:
    prepare(settings.engine)
    return PretrainingStage(settings, settings.open_mixture(squares))


def weights(out: Path) -> dict[str, dict[str, torch.Tensor]]:
    entries: dict[str, dict[str, torch.Tensor]] = torch.load(out / "encoder.pt", weights_only=True)
    return entries


def assert_same(first: Path, second: Path) -> None:
    ours, theirs = weights(first), weights(second)
    assert ours.keys() == theirs.keys()
    for entry in ours:
        for name, value in ours[entry].items():
            assert torch.equal(value, theirs[entry][name]), (entry, name)


@pytest.fixture(scope="module")
def finished(squares: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a complete training."""
    out = tmp_path_factory.mktemp("run")
    pretrain(tiny(), squares, out, ALONE)
    return out


def test_loss_falls(finished: Path) -> None:
    """The loss falls, the spread is watched, and all of it is plotted."""
    history = read_history(finished / "metrics.jsonl")
    before_cooldown = history[-2]
    assert before_cooldown["denoising"] < 0.9 * history[0]["denoising"]
    assert all(record["spread"] > 0 for record in history)
    assert {"held_out_spread", "held_out_denoising", "near"} <= history[-1].keys()
    assert (finished / "pretraining.png").read_bytes().startswith(b"\x89PNG")


def test_same_seed_same_weights(squares: Path, finished: Path, tmp_path: Path) -> None:
    """A training repeats."""
    pretrain(tiny(), squares, tmp_path, ALONE)
    assert_same(finished, tmp_path)


def test_two_processes_are_as_good_as_one(squares: Path, tmp_path: Path) -> None:
    """torchrun with gloo on the CPU: the same losses, through the cool-down too."""
    config = tmp_path / "tiny.yaml"
    config.write_text(yaml.safe_dump(TINY))
    arguments = ["--config", str(config), "--data", str(squares), "--set"]
    arguments += ["engine.schedule.steps=6", "engine.report_every=1", "engine.validate_every=6"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *("--nproc-per-node", "2", "-m", "vjepa2_models.training.pretraining.pretrain"),
            *(*arguments, "--out", str(tmp_path / "two")),
        ],
        capture_output=True,
        timeout=200,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr.decode()
    assert main([*arguments, "--out", str(tmp_path / "one")]) is None
    histories = [read_history(tmp_path / name / "metrics.jsonl") for name in ("one", "two")]
    assert len(histories[0]) == 6
    for ours, theirs in zip(*histories, strict=True):
        for name in ("loss", "denoising", "gradient_norm"):
            assert math.isclose(ours[name], theirs[name], abs_tol=1e-5), name


class KilledStage(PretrainingStage):
    """Ends in the middle, between two checkpoints."""

    def after_step(self, step: int) -> None:
        super().after_step(step)
        if step == 13:
            raise RuntimeError("killed")


def test_resume_goes_on_bit_for_bit(squares: Path, finished: Path, tmp_path: Path) -> None:
    """Killed at step 14 and resumed from the checkpoint of step 8: the same weights."""
    settings = tiny()
    prepare(settings.engine)
    mixture = settings.open_mixture(squares)
    identity = {**settings.identity(), "data": [s.fingerprint() for s in mixture.sources]}
    Checkpoints(tmp_path, identity).check(resume=False)
    with pytest.raises(RuntimeError, match="killed"):
        train(KilledStage(settings, mixture), settings.engine, ALONE, tmp_path, identity)
    pretrain(settings, squares, tmp_path, ALONE, resume=True)
    assert_same(finished, tmp_path)


def test_teacher_follows_exactly(squares: Path) -> None:
    """After each step the share `ema` of the teacher stays; the rest comes from the student."""
    stage = make_stage(tiny(), squares)
    with torch.no_grad():
        for parameter in stage.student.parameters():
            parameter.add_(torch.randn_like(parameter))
    before = [p.clone() for p in stage.teacher.parameters()]
    stage.after_step(0)
    for old, new, student in zip(
        before, stage.teacher.parameters(), stage.student.parameters(), strict=True
    ):
        torch.testing.assert_close(new, 0.95 * old + 0.05 * student)
        assert not new.requires_grad and student.requires_grad


def test_teacher_starts_as_the_student() -> None:
    """With an EMA of 0 it becomes the student at once."""
    settings = tiny()
    teacher, student = Encoder(settings.model), Encoder(settings.model)
    follow(teacher, student, 0.0)
    for ours, theirs in zip(teacher.parameters(), student.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_cooldown_raises_frames_and_resolution(squares: Path) -> None:
    """The last steps show longer, larger, whole clips, and the same networks train on them."""
    stage = make_stage(tiny(), squares)
    early, late = (stage.batches.load(step, range(8)) for step in (19, 20))
    assert early.tensors["clips"].shape == (8, 2, 32, 32, 3)
    assert late.tensors["clips"].shape == (8, 4, 48, 48, 3)
    assert int(late.tensors["hidden_0"].max()) >= 16
    loss = stage.losses(late.tensors)["denoising"]
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.isfinite() and stage.student.norm.weight.grad is not None


def test_parts_of_a_batch_make_up_the_whole(squares: Path) -> None:
    """Rows are the same, and their losses the mean, however a batch is shared out."""
    stage = make_stage(tiny(), squares)
    whole = stage.batches.load(3, range(8))
    parts = [stage.batches.load(3, rows) for rows in (range(4), range(4, 8))]
    for name, value in whole.tensors.items():
        assert torch.equal(value, torch.cat([part.tensors[name] for part in parts])), name
    assert whole.origins == parts[0].origins + parts[1].origins
    losses = [stage.losses(part.tensors)["denoising"] for part in parts]
    torch.testing.assert_close(
        stage.losses(whole.tensors)["denoising"], torch.stack(losses).mean()
    )


def test_collapse_warns(squares: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Constant features are called a collapse, once, with remedies; fresh ones are not."""
    stage = make_stage(tiny(), squares)
    with caplog.at_level(logging.WARNING):
        assert stage.validate()["held_out_spread"] > 0.1
        assert not caplog.records
        with torch.no_grad():
            stage.teacher.norm.weight.zero_()
        assert stage.validate()["held_out_spread"] == pytest.approx(0.0, abs=1e-6)
        stage.validate()
    assert len(caplog.records) == 1
    assert "collapsing" in caplog.text and "ema nearer to 1" in caplog.text


def test_gradient_checkpointing_changes_nothing(squares: Path) -> None:
    """The same loss and the same gradient."""
    results = []
    for overrides in ((), ("gradient_checkpointing=true",)):
        stage = make_stage(tiny(*overrides), squares)
        loss = stage.losses(stage.batches.load(0, range(8)).tensors)["denoising"]
        loss.backward()  # type: ignore[no-untyped-call]
        gradient = stage.student.patch_embed.proj.weight.grad
        assert gradient is not None
        results.append((loss.detach(), gradient))
    torch.testing.assert_close(*results)


def test_stage_2_gets_the_teacher(finished: Path) -> None:
    """`encoder.pt` has the official layout; whoever loads an encoder from it gets the teacher."""
    entries = weights(finished)
    assert entries.keys() == {"encoder", "target_encoder", "predictor"}
    loaded = load_encoder(finished / "encoder.pt", TINY["model"])
    for name, value in loaded.state_dict().items():
        assert torch.equal(value, entries["target_encoder"][name])


def test_start_from_a_checkpoint(squares: Path, finished: Path) -> None:
    """All three networks go on from where they were."""
    stage = make_stage(tiny(f"start={finished / 'encoder.pt'}"), squares)
    entries = weights(finished)
    for module, name in zip(
        stage.modules.values(), ("encoder", "target_encoder", "predictor"), strict=True
    ):
        for key, value in module.state_dict().items():
            assert torch.equal(value, entries[name][key])


def test_sources_mix_in_a_batch(squares: Path, tmp_path: Path) -> None:
    """Episodes and videos, still and moving, give clips of one shape, each with its origin."""
    sources = [
        {"path": ".", "kind": "episodes", "weight": 1},
        {"path": ".", "kind": "videos", "weight": 1, "still": True},
    ]
    settings = read_settings(PretrainingSettings, TINY | {"sources": sources})
    batch = make_stage(settings, squares).batches.load(0, range(8))
    assert batch.tensors["clips"].shape == (8, 2, 32, 32, 3)
    assert 0 < sum(".mp4" in origin for origin in batch.origins) < 8


def test_a_broken_episode_stops_no_validation(
    squares: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One that is damaged after it was indexed is named and left out."""
    data = tmp_path / "data"
    shutil.copytree(squares, data)
    read_index(data)
    stage = make_stage(tiny(), data)
    (source,) = stage._held_out_mixture.sources
    assert isinstance(source, EpisodeSource)
    broken = source.index.episodes[0]
    (video,) = (data / broken.path).rglob("*.mp4")
    video.write_bytes(video.read_bytes()[:100])
    assert "near" in stage.validate()
    assert f"not validated on {broken.name}" in caplog.text


def test_without_held_out_files(squares: Path) -> None:
    """Nothing held out: all files are trained on, and the collapse is watched on them."""
    stage = make_stage(tiny("held_out=0"), squares)
    assert len(stage.batches.mixture.sources[0]) == 16
    assert "held_out_spread" in stage.validate()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_presets_can_be_read(preset: Path) -> None:
    """Every preset is valid, and its cool-down never shows less than what is before it."""
    settings = read_settings(PretrainingSettings, preset)
    before, after = settings.clips, settings.cooldown
    assert after.frames >= before.frames and after.img_size >= before.img_size
    assert settings.engine.schedule.decay > 0


def test_paper_presets() -> None:
    """Table 9, and the sizes of the released encoders."""
    for name, size in (("vitl", "vit_large"), ("vith", "vit_huge"), ("vitg", "vit_giant")):
        settings = read_settings(PretrainingSettings, PRESETS[0].parent / f"pretrain_{name}.yaml")
        assert settings.model.encoder == ENCODERS[size]
        schedule = settings.engine.schedule
        assert (schedule.steps, schedule.warmup, schedule.decay) == (252_000, 12_000, 12_000)
        assert (schedule.start, schedule.peak, schedule.end) == (1e-4, 5.25e-4, 1e-6)
        assert (settings.engine.batch, settings.ema) == (3072, 0.99925)
        assert (settings.clips.frames, settings.cooldown.frames) == (16, 64)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["ema=1.0"], "ema must be over 0 and under 1"),
        (["clips.frames=3"], "frames must be a multiple of 2"),
        (["cooldown.img_size=50"], "pixels of 8"),
        (["clips.crop=1"], "unknown key 'clips.crop': did you mean 'crops'"),
        (["sources=[]"], "at least one source"),
    ],
)
def test_settings_that_can_not_be(overrides: Sequence[str], message: str) -> None:
    """Each is refused by name."""
    with pytest.raises(SettingsError, match=message):
        tiny(*overrides)


def test_missing_folder(tmp_path: Path) -> None:
    """The error says how to name another one."""
    settings = replace(tiny(), sources=(replace(tiny().sources[0], path="kinetics"),))
    with pytest.raises(FileNotFoundError, match=r"kinetics.*--data"):
        settings.open_mixture(tmp_path)


def test_command_line(squares: Path, tmp_path: Path) -> None:
    """The bundled model's preset, made smaller by --set, trains and says what it wrote."""
    preset = str(PRESETS[0].parent / "pretrain_sim_small.yaml")
    arguments = ["--config", preset, "--data", str(squares), "--out", str(tmp_path / "run")]
    smaller = ["engine.schedule.steps=2", "engine.schedule.warmup=0", "engine.schedule.decay=1"]
    cheaper = ["engine.batch=2", "engine.workers=0", "held_out_clips=2", "probe_episodes=1"]
    assert main([*arguments, "--set", *smaller, "--set", *cheaper]) is None
    assert (tmp_path / "run" / "encoder.pt").is_file()
    with pytest.raises(FileExistsError, match="--resume"):
        main([*arguments, "--set", *smaller, *cheaper])
