"""The losses of post-training against the official figures."""

import torch
from torch import Tensor

from vjepa2_models import WorldModel
from vjepa2_models.training.losses import post_training_loss, rollout, teacher_forcing


def clip(golden: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    return golden["features"][None], golden["actions_from_states"], golden["states"].float()


def test_official_losses(world_model: WorldModel, golden: dict[str, Tensor]) -> None:
    """Teacher forcing over three targets and the two-step rollout, within 1e-4."""
    with torch.inference_mode():
        forced, rolled = post_training_loss(world_model.predictor, *clip(golden))
    for ours, name in ((forced, "loss_teacher_forcing"), (rolled, "loss_rollout")):
        torch.testing.assert_close(ours.double(), golden[name].double(), atol=1e-4, rtol=0)


def test_first_step_of_the_rollout_is_teacher_forcing(
    world_model: WorldModel, golden: dict[str, Tensor]
) -> None:
    """The shortcut that reuses the first step changes nothing."""
    with torch.inference_mode():
        forced = teacher_forcing(world_model.predictor, *clip(golden))
        plain = rollout(world_model.predictor, *clip(golden), steps=3)
        reused = rollout(world_model.predictor, *clip(golden), steps=3, first=forced[:, :1])
    torch.testing.assert_close(reused, plain, atol=1e-5, rtol=0)
