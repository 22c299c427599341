"""The losses of post-training against the official figures."""

import pytest
import torch
from torch import Tensor

from vjepa2_models import WorldModel
from vjepa2_models.training.post_training.losses import (
    FeatureClips,
    post_training_losses,
    prediction_error,
    rollout,
    teacher_forcing,
)


@pytest.fixture
def clips(golden: dict[str, Tensor]) -> FeatureClips:
    return FeatureClips(
        golden["features"][None], golden["actions_from_states"], golden["states"].float()
    )


def test_official_losses(
    world_model: WorldModel, clips: FeatureClips, golden: dict[str, Tensor]
) -> None:
    """Teacher forcing over three targets and the two-step rollout, within 1e-4."""
    with torch.inference_mode():
        losses = post_training_losses(world_model.predictor, clips, 2, "mean")
    for name in ("teacher_forcing", "rollout"):
        official = golden[f"loss_{name}"].double()
        torch.testing.assert_close(losses[name].double(), official, atol=1e-4, rtol=0)


def test_last_frame_alone(world_model: WorldModel, clips: FeatureClips) -> None:
    """Equation 3 of the paper scores the rollout's last frame; the mean holds it too."""
    with torch.inference_mode():
        mean = post_training_losses(world_model.predictor, clips, 2, "mean")["rollout"]
        last = post_training_losses(world_model.predictor, clips, 2, "last")["rollout"]
        first = prediction_error(
            rollout(world_model.predictor, clips, 1), clips.features, clips.features[:, :1]
        )
    torch.testing.assert_close((first + last) / 2, mean, atol=1e-5, rtol=0)


def test_second_step_is_fed_the_first_prediction(
    world_model: WorldModel, clips: FeatureClips
) -> None:
    """It is predicted from frame 1 and the prediction of frame 2, not that of frame 3."""
    predictor, actions, states = world_model.predictor, clips.actions, clips.states
    with torch.inference_mode():
        rolled = rollout(predictor, clips, 2)
        z_1, z_2 = clips.features[:, :1], rolled[:, :1]
        fed = world_model.predict(torch.cat([z_1, z_2], 1), actions[:, :2], states[:, :2])
    torch.testing.assert_close(rolled[:, 1:], fed[:, -1:], atol=1e-5, rtol=0)


def test_first_step_of_the_rollout_is_teacher_forcing(
    world_model: WorldModel, clips: FeatureClips
) -> None:
    """The shortcut that reuses the first step changes nothing."""
    with torch.inference_mode():
        forced = teacher_forcing(world_model.predictor, clips)
        plain = rollout(world_model.predictor, clips, steps=3)
        reused = rollout(world_model.predictor, clips, steps=3, first=forced[:, :1])
    torch.testing.assert_close(reused, plain, atol=1e-5, rtol=0)
