"""Policies on disk."""

from pathlib import Path

import torch

from vjepa2_models.baselines.baseline_file import (
    build,
    bundled,
    read_baseline,
    save_baseline,
)
from vjepa2_models.baselines.behaviour_cloning import BehaviourCloning, BehaviourCloningSizes

KIND = "policy"


def bundled_policy_baseline() -> Path:
    """Path of the bundled policy; FileNotFoundError says how to train one."""
    return bundled(KIND, "policy_baseline.safetensors")


def save_policy(policy: BehaviourCloning, path: Path, dtype: torch.dtype = torch.float16) -> None:
    """Writes weights and sizes, complete or not at all."""
    save_baseline(policy, KIND, policy.sizes, path, dtype)


def load_policy(path: Path, device: torch.device | str = "cpu") -> BehaviourCloning:
    """A policy in float32, ready for inference.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it is broken, or holds something else.
    """
    sizes, weights = read_baseline(path, KIND, BehaviourCloningSizes)
    policy = build(lambda: BehaviourCloning(sizes), weights, path.name)
    return policy.to(device).eval().requires_grad_(False)
