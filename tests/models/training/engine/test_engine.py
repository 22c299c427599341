"""What people expect of a trainer: resume, refusals, faults that lose nothing."""

import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors import SafetensorError

from vjepa2_models import CheckpointError, WorldModel, load_world_model, save_world_model
from vjepa2_models.dimensions import Dimensions
from vjepa2_models.training.engine.optimisation import NotFiniteError, Optimisation
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.run_folder import read_history
from vjepa2_models.training.engine.settings_file import read_settings
from vjepa2_models.training.engine.stage import Batch
from vjepa2_models.training.post_training.losses import FeatureClips
from vjepa2_models.training.post_training.post_train import main, post_train
from vjepa2_models.training.post_training.post_training import PostTrainingStage
from vjepa2_models.training.post_training.post_training_settings import PostTraining

ALONE = Processes(0, 1, torch.device("cpu"))

KILLS_ITSELF = """
import os, signal, sys
from vjepa2_models.training.post_training.post_train import main
from vjepa2_models.training.post_training.post_training import PostTrainingStage

def after_step(self, step):
    if step == 4:
        os.kill(os.getpid(), signal.SIGKILL)

PostTrainingStage.after_step = after_step
main(sys.argv[1:])
"""


@pytest.fixture
def command(
    tiny_settings: dict[str, Any], squares: Path, tiny_encoder: Path, tmp_path: Path
) -> list[str]:
    """Arguments of `vjepa2 post-train`, but for its folder; features are shared."""
    tiny_settings["feature_folder"] = str(tmp_path / "features")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(tiny_settings))
    given = {"--config": tmp_path / "config.yaml", "--data": squares, "--encoder": tiny_encoder}
    return [str(part) for pair in given.items() for part in pair]


def weights(run: Path) -> dict[str, torch.Tensor]:
    state = torch.load(run / "checkpoints" / "last.pt", weights_only=True)
    assert state["step"] == 6
    predictor: dict[str, torch.Tensor] = state["modules"]["predictor"]
    return predictor


def assert_same_weights(first: Path, second: Path) -> None:
    ours, theirs = weights(first), weights(second)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_killed_training_resumes_bit_for_bit(command: list[str], tmp_path: Path) -> None:
    """SIGKILL during the fifth step; the end is that of a training that was left alone."""
    assert main([*command, "--out", str(tmp_path / "whole")]) is None
    killed = [*command, "--out", str(tmp_path / "killed")]
    done = subprocess.run(
        [sys.executable, "-c", KILLS_ITSELF, *killed], capture_output=True, timeout=120
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    path = tmp_path / "killed" / "checkpoints" / "last.pt"
    assert torch.load(path, weights_only=True)["step"] == 4
    assert main([*killed, "--resume"]) is None
    assert_same_weights(tmp_path / "whole", tmp_path / "killed")
    steps = [r["step"] for r in read_history(tmp_path / "killed" / "metrics.jsonl")]
    assert steps == [1, 2, 3, 4, 5, 6]


def test_a_scheduler_that_ends_the_whole_group(command: list[str], tmp_path: Path) -> None:
    """SIGTERM to trainer and loader workers alike: it ends after the step, with a checkpoint."""
    run = [*command, "--out", str(tmp_path / "run"), "--set", "engine.workers=1"]
    script = KILLS_ITSELF.replace(
        "os.kill(os.getpid(), signal.SIGKILL)", "os.killpg(0, signal.SIGTERM)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *run],
        capture_output=True,
        timeout=120,
        start_new_session=True,
    )
    assert b"after 5 of 6 steps; run the same command with --resume" in done.stderr
    path = tmp_path / "run" / "checkpoints" / "last.pt"
    assert torch.load(path, weights_only=True)["step"] == 5
    assert main([*run, "--resume"]) is None


def test_ctrl_c_keeps_everything(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It ends after the step, with a checkpoint and a word on how to go on."""

    def after_step(self: PostTrainingStage, step: int) -> None:
        if step == 2:
            signal.raise_signal(signal.SIGINT)

    handler = signal.getsignal(signal.SIGINT)
    command += ["--out", str(tmp_path / "run")]
    with monkeypatch.context() as patch:
        patch.setattr(PostTrainingStage, "after_step", after_step)
        assert main(command) == 130
    assert "after 3 of 6 steps; run the same command with --resume" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is handler
    assert main([*command, "--resume"]) is None
    assert main([*command[:-1], str(tmp_path / "whole")]) is None
    assert_same_weights(tmp_path / "whole", tmp_path / "run")


def test_only_the_same_training_is_resumed(command: list[str], tmp_path: Path) -> None:
    """Changed settings are named; what changes no weight may change."""
    command += ["--out", str(tmp_path / "run")]
    with pytest.raises(FileNotFoundError, match="nothing to resume"):
        main([*command, "--resume"])
    main(command)
    with pytest.raises(FileExistsError, match="go on with --resume, or choose another folder"):
        main(command)
    with pytest.raises(CheckpointError, match=r"different: engine\.batch, rollout_steps\."):
        main([*command, "--resume", "--set", "engine.batch=4", "rollout_steps=1"])
    other = tmp_path / "other.pt"
    state = torch.load(tmp_path / "run" / "checkpoints" / "last.pt", weights_only=True)
    assert set(state) == {"step", "identity", "modules", "optimiser", "random"}
    torch.save({"encoder": another_encoder(command)}, other)
    command[command.index("--encoder") + 1] = str(other)
    with pytest.raises(CheckpointError, match=r"different: encoder\."):
        main([*command, "--resume"])


def another_encoder(command: list[str]) -> dict[str, torch.Tensor]:
    encoder = load_world_model(command[command.index("--encoder") + 1]).encoder
    return {name: value + 1 for name, value in encoder.state_dict().items()}


def test_a_full_disk_loses_nothing(command: list[str], tmp_path: Path) -> None:
    """The error says what to do, and the checkpoint before it can be resumed."""
    command += ["--out", str(tmp_path / "run")]
    run = tmp_path / "run" / "checkpoints"
    genuine = PostTrainingStage.after_step

    def fill_the_disk(self: PostTrainingStage, step: int) -> None:
        if step == 3:  # every write to /dev/full fails as on a full disk
            (run / "last.partial").symlink_to("/dev/full")

    PostTrainingStage.after_step = fill_the_disk  # type: ignore[method-assign]
    try:
        with pytest.raises(
            OSError, match=r"step 4 could not be written .* is complete\. .*--resume"
        ):
            main(command)
    finally:
        PostTrainingStage.after_step = genuine  # type: ignore[method-assign]
    assert torch.load(run / "last.pt", weights_only=True)["step"] == 2
    assert main([*command, "--resume"]) is None


def test_a_disk_too_full_for_the_product_alone(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last step, too, `--resume` makes good for it, and the error says so."""
    command += ["--out", str(tmp_path / "run")]
    product = tmp_path / "run" / "world_model.safetensors"
    with monkeypatch.context() as patch:
        patch.setattr(PostTrainingStage, "export", full_at_the_end)
        with pytest.raises(OSError, match=r"weights for others .*No space left.* --resume"):
            main(command)
    product.unlink()  # that of the checkpoint before
    assert main([*command, "--resume"]) is None
    assert load_world_model(product).dimensions.img_size == 32


def full_at_the_end(self: PostTrainingStage, folder: Path) -> None:
    """What safetensors makes of a full disk; it does not write to /dev/full itself."""
    if weights_step(folder) == 6:
        raise SafetensorError("I/O error: No space left on device (os error 28)")
    save_world_model(self.model, folder / "world_model.safetensors")


def weights_step(run: Path) -> int:
    step: int = torch.load(run / "checkpoints" / "last.pt", weights_only=True)["step"]
    return step


def test_a_disk_too_full_for_the_first_record(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a checkpoint there is nothing to resume, and the error does not ask for it."""
    command += ["--out", str(tmp_path / "run")]

    def fill_the_disk(self: PostTrainingStage, step: int) -> None:
        (tmp_path / "run" / "metrics.jsonl").unlink()
        (tmp_path / "run" / "metrics.jsonl").symlink_to("/dev/full")

    monkeypatch.setattr(PostTrainingStage, "after_step", fill_the_disk)
    with pytest.raises(OSError, match=r"records of step 1 .*the same command again\.$"):
        main(command)


def test_a_loss_that_is_not_finite_stops(command: list[str], tmp_path: Path) -> None:
    """It names the episodes of the batch and writes nothing more."""
    command += ["--out", str(tmp_path / "run"), "--set", "engine.schedule.peak=1e30"]
    command += ["engine.schedule.start=1e30", "engine.checkpoint_every=1"]
    with pytest.raises(FloatingPointError, match=r"Its batch: .*episode_\d\d from its cached"):
        main(command)
    state = torch.load(tmp_path / "run" / "checkpoints" / "last.pt", weights_only=True)
    assert state["step"] < 6


def test_the_guilty_part_is_named(tiny: Dimensions, tiny_settings: dict[str, Any]) -> None:
    """Of several parts of a batch, the one whose own loss is not finite; no weight moves."""
    settings = read_settings(PostTraining, tiny_settings, ["engine.accumulate=2"])
    features, states = torch.randn(2, 3, 16, 48), torch.randn(2, 3, 7)
    clips = FeatureClips(features, states[:, 1:], states)
    model = WorldModel(tiny)
    stage = PostTrainingStage(model, settings, NoBatches(), clips)
    optimisation = Optimisation(stage, settings.engine, ALONE)
    good = Batch({"features": features, "states": states}, ("innocent",))
    bad = Batch({"features": features * torch.nan, "states": states}, ("guilty",))
    before = [weight.clone() for weight in model.predictor.parameters()]
    with pytest.raises(NotFiniteError, match=r"loss of step 7 .* Its batch: guilty\. Look"):
        optimisation.step(7, [good, bad])
    assert all(map(torch.equal, before, model.predictor.parameters()))


class NoBatches:
    """For a stage that is given its batches by hand."""

    def load(self, step: int, rows: range) -> Batch:
        raise NotImplementedError


def test_two_processes_are_as_good_as_one(command: list[str], tmp_path: Path) -> None:
    """torchrun with gloo on the CPU: the same losses, and one set of files."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    torchrun += ["--nproc-per-node", "2", "-m", "vjepa2_models.training.post_training.post_train"]
    command += ["--set", "engine.accumulate=2"]
    done = subprocess.run(
        [*torchrun, *command, "--out", str(tmp_path / "two")],
        capture_output=True,
        timeout=200,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr.decode()
    assert main([*command, "--out", str(tmp_path / "one")]) is None
    for ours, theirs in zip(
        read_history(tmp_path / "one" / "metrics.jsonl"),
        read_history(tmp_path / "two" / "metrics.jsonl"),
        strict=True,
    ):
        for name in ("loss", "teacher_forcing", "rollout", "gradient_norm"):
            assert math.isclose(ours[name], theirs[name], abs_tol=1e-5), name


def test_rows_that_can_not_be_shared(command: list[str], tmp_path: Path) -> None:
    """The batch must be a multiple of processes times parts."""
    with pytest.raises(ValueError, match="choose a multiple of 3"):
        main([*command, "--out", str(tmp_path / "run"), "--set", "engine.accumulate=3"])


def test_the_encoder_must_fit(
    tiny_settings: dict[str, Any], squares: Path, tmp_path: Path
) -> None:
    """No file; another size."""
    settings = read_settings(PostTraining, tiny_settings)
    with pytest.raises(FileNotFoundError, match=r"none\.pt"):
        post_train(settings, squares, tmp_path / "none.pt", tmp_path / "run", ALONE)
    bundled = Path(__file__).parents[4] / "vjepa2_models" / "weights" / "table_top.safetensors"
    with pytest.raises(CheckpointError, match=r"unexpected|of another size"):
        post_train(settings, squares, bundled, tmp_path / "run", ALONE)
