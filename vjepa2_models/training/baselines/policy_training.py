"""The policy's training: behaviour cloning with goals by hindsight."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vjepa2_models.baselines import BehaviourCloning, save_policy
from vjepa2_models.training.baselines.hindsight import HindsightPairs
from vjepa2_models.training.baselines.picture_clips import to_network
from vjepa2_models.training.baselines.policy_report import plot_history, print_errors
from vjepa2_models.training.engine.run_folder import History

PRODUCT = "policy.safetensors"
BATCH = 32  # clips validated at once
FAR_M = 0.02  # nearer goals have no direction worth the name


class PolicyTrainingStage:
    """A `stage.Stage`.

    Args:
        policy: to train.
        pairs: to train on.
        held_out: where pairs to validate on come from.
        validation_clips: how many of its clips.
    """

    def __init__(
        self,
        policy: BehaviourCloning,
        pairs: HindsightPairs,
        held_out: HindsightPairs,
        validation_clips: int,
    ) -> None:
        self.policy, self.batches = policy, pairs
        loaded = held_out.load(0, range(validation_clips)).tensors
        self.held_out = {name: tensor.flatten(0, 1) for name, tensor in loaded.items()}

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        return {"policy": self.policy}

    def losses(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Huber's loss of standardised actions."""
        pairs = {name: tensor.flatten(0, 1) for name, tensor in tensors.items()}
        actions = self._act(pairs)
        scale = self.policy.motion.actions
        return {"imitation": F.smooth_l1_loss(scale(actions), scale(pairs["targets"]))}

    def after_step(self, step: int) -> None:
        """Nothing follows the policy."""

    @torch.inference_mode()
    def validate(self) -> dict[str, float]:
        """On held-out pairs, from translations alone.

        `held_out_error_cm`: mean distance between action and target; `still_error_cm`: that of
        not moving. `held_out_direction`: mean cosine between the action and the way to goals that
        are over 2 cm off, whatever the target is; 1 leads straight there.
        """
        device = self.policy.largest.device
        parts = {name: tensor.split(BATCH) for name, tensor in self.held_out.items()}
        actions = torch.cat(
            [
                self._act({name: tensors[i].to(device) for name, tensors in parts.items()}).cpu()
                for i in range(len(parts["states"]))
            ]
        )[:, :3]
        targets, ways = self.held_out["targets"][:, :3], self.held_out["ways"][:, :3]
        far = torch.linalg.vector_norm(ways, dim=1) > FAR_M
        return {
            "held_out_error_cm": _mean_length_cm(actions - targets),
            "still_error_cm": _mean_length_cm(targets),
            "held_out_direction": float(F.cosine_similarity(actions[far], ways[far]).mean()),
        }

    def export(self, folder: Path) -> None:
        """Write the policy as `load_policy` reads it."""
        save_policy(self.policy, folder / PRODUCT)

    def report(self, folder: Path, history: History) -> None:
        """Write the curve of the held-out error, and print the last figures."""
        plot_history(history, folder / "policy_error.png")
        print_errors(history)

    def _act(self, pairs: Mapping[str, Tensor]) -> Tensor:
        actions: Tensor = self.policy(
            to_network(pairs["pictures"]), to_network(pairs["goals"]), pairs["states"]
        )
        return actions


def _mean_length_cm(vectors: Tensor) -> float:
    return 100 * float(torch.linalg.vector_norm(vectors, dim=1).mean())
