"""Both baselines go on after an interruption as if there had been none."""

import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from vjepa2_models import CheckpointError
from vjepa2_models.training.baselines import train_pixels, train_policy
from vjepa2_models.training.baselines.pixel_training import PixelTrainingStage
from vjepa2_models.training.baselines.policy_training import PolicyTrainingStage

Main = Callable[[Sequence[str] | None], int | None]


@pytest.mark.parametrize(
    ("settings", "main", "stage", "module"),
    [
        ("pixel_settings", train_pixels.main, PixelTrainingStage, "pixel_predictor"),
        ("policy_settings", train_policy.main, PolicyTrainingStage, "policy"),
    ],
)
def test_bit_for_bit(
    settings: str,
    main: Main,
    stage: type,
    module: str,
    colours: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl-C in the third step; with other settings, it is not gone on with."""
    values: dict[str, Any] = request.getfixturevalue(settings)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(values))
    command = ["--config", str(tmp_path / "config.yaml"), "--data", str(colours)]

    def after_step(self: object, step: int) -> None:
        if step == 2:
            signal.raise_signal(signal.SIGINT)

    stopped = [*command, "--out", str(tmp_path / "stopped")]
    with monkeypatch.context() as patch:
        patch.setattr(stage, "after_step", after_step)
        assert main(stopped) == 130
    with pytest.raises(FileExistsError, match="--resume"):
        main(stopped)
    with pytest.raises(CheckpointError, match=r"engine\.batch"):
        main([*stopped, "--resume", "--set", "engine.batch=2"])
    assert main([*stopped, "--resume"]) is None
    assert main([*command, "--out", str(tmp_path / "whole")]) is None
    ours, theirs = (
        torch.load(tmp_path / run / "checkpoints" / "last.pt", weights_only=True)["modules"][
            module
        ]
        for run in ("stopped", "whole")
    )
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(weight, theirs[name]) for name, weight in ours.items())
