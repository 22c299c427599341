"""Training of the goal-conditioned policy, through the engine, on episodes on disk."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vjepa2_models.baselines import BehaviourCloning, load_policy
from vjepa2_models.training.baselines.policy_settings import PolicyTraining
from vjepa2_models.training.baselines.train_policy import main, train_policy
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.run_folder import read_history
from vjepa2_models.training.engine.settings_file import SettingsError, read_settings

ALONE = Processes(0, 1, torch.device("cpu"))
PRESET = Path(__file__).parents[4] / "config" / "training" / "policy_sim_small.yaml"


def test_it_learns_the_way_to_the_goal(
    policy_settings: dict[str, Any], squares: Path, tmp_path: Path
) -> None:
    """The loss falls; held-out actions lead towards their goals; that is exported."""
    policy_settings["engine"] |= {"validate_every": 100, "checkpoint_every": 100}
    policy_settings["engine"]["schedule"] = {"steps": 100, "peak": 3e-3, "warmup": 5, "decay": 50}
    settings = read_settings(PolicyTraining, policy_settings)
    train_policy(settings, squares, tmp_path, ALONE)
    history = read_history(tmp_path / "metrics.jsonl")
    losses = [record["imitation"] for record in history]
    assert np.mean(losses[-10:]) < 0.6 * np.mean(losses[:10])
    last = history[-1]
    assert last["held_out_error_cm"] < last["still_error_cm"]
    assert last["held_out_direction"] > 0.3
    for name in ("policy_error.png", "config.yaml", "checkpoints/last.pt"):
        assert (tmp_path / name).stat().st_size > 0
    assert load_policy(tmp_path / "policy.safetensors").sizes == settings.network


def test_the_next_action_can_be_cloned_instead(
    policy_settings: dict[str, Any], squares: Path, tmp_path: Path
) -> None:
    """Shorter than the whole way: standing still is less wrong."""
    still = []
    for target in ("action", "displacement"):
        policy_settings["target"] = target
        out = tmp_path / target
        train_policy(read_settings(PolicyTraining, policy_settings), squares, out, ALONE)
        still.append(read_history(out / "metrics.jsonl")[-1]["still_error_cm"])
    assert still[0] < still[1]


def test_the_preset_is_valid() -> None:
    """And makes a file of under 3 MB."""
    settings = read_settings(PolicyTraining, PRESET)
    policy = BehaviourCloning(settings.network)
    assert 2 * sum(value.numel() for value in policy.state_dict().values()) < 3e6


@pytest.mark.parametrize(
    "override",
    ["validation_clips=0", "held_out=0", "pairs=0", "furthest_goal=10", "target=velocity"],
)
def test_values_out_of_range(policy_settings: dict[str, Any], override: str) -> None:
    """Each is refused by its name."""
    with pytest.raises(SettingsError, match=override.split("=")[0]):
        read_settings(PolicyTraining, policy_settings, [override])


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """`vjepa2 train-policy --help`."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "target=action" in capsys.readouterr().out
