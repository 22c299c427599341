"""The losses of post-training against the official figures."""

import pytest
import torch
from torch import Tensor

from vjepa2_models import WorldModel
from vjepa2_models.training.post_training.losses import (
    PLAIN,
    Emphasis,
    FeatureClips,
    gripper_alone,
    post_training_losses,
    prediction_error,
    rollout,
    teacher_forcing,
)
from vjepa2_models.training.post_training.rollout_error import gripper_errors


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
            rollout(world_model.predictor, clips, 1), clips.until(2), clips.features[:, :1]
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


def _clips(tokens: int = 4) -> FeatureClips:
    """One clip: the arm moves, then the fingers alone, by which the last token changes."""
    features = torch.zeros(1, 3, tokens, 2)
    features[0, 1:] += 1.0
    features[0, 2, -1] += 0.4
    actions = torch.zeros(1, 2, 7)
    actions[0, 0, 0], actions[0, 1, 6] = 0.05, 0.3
    return FeatureClips(features, actions, torch.zeros(1, 3, 7))


def _error(predicted: Tensor, clips: FeatureClips, emphasis: Emphasis) -> float:
    return float(prediction_error(predicted, clips, clips.features[:, :-1], emphasis))


def test_small_changes_weigh_like_large_ones() -> None:
    """With a floor, what copying gets wrong is the same share of each step."""
    clips = _clips()
    copied = clips.features[:, :-1]
    assert _error(copied, clips, PLAIN) == pytest.approx((1.0 + 0.1) / 2)
    shares = (1.0 / 1.1 + 0.1 / 0.2) / 2
    assert _error(copied, clips, Emphasis(floor=0.1)) == pytest.approx(shares)


def test_what_moves_is_made_more_of_than_what_rests() -> None:
    """The same error costs more where the fingers are than beside them."""
    clips = _clips()
    at_fingers, beside = clips.features[:, 1:].clone(), clips.features[:, 1:].clone()
    at_fingers[0, 1, -1] += 0.1
    beside[0, 1, 0] += 0.1
    assert _error(at_fingers, clips, PLAIN) == pytest.approx(_error(beside, clips, PLAIN))
    focused = Emphasis(focus=0.1)
    ratio = _error(at_fingers, clips, focused) / _error(beside, clips, focused)
    assert ratio == pytest.approx(1.0 + 0.4 / 0.1)


def test_steps_of_the_fingers_alone_count_more() -> None:
    """The mean is one over all weights, so nothing but the balance of the steps changes."""
    clips = _clips()
    assert gripper_alone(clips.actions).tolist() == [[False, True]]
    copied = clips.features[:, :-1]
    weighted = (1.0 + 3.0 * 0.1) / 4.0
    assert _error(copied, clips, Emphasis(gripper=3.0)) == pytest.approx(weighted)


def test_plain_losses_are_the_papers(world_model: WorldModel, clips: FeatureClips) -> None:
    """Without emphasis all tokens of all steps count the same."""
    predicted = torch.randn_like(clips.features[:, 1:])
    before = clips.features[:, :-1]
    mean = (predicted - clips.features[:, 1:]).abs().mean()
    torch.testing.assert_close(prediction_error(predicted, clips, before), mean)


def test_errors_of_the_gripper(world_model: WorldModel, clips: FeatureClips) -> None:
    """Of the steps in which it alone moves; there may be none."""
    assert gripper_errors(world_model.predictor, clips) == {}
    actions = clips.actions.clone()
    actions[:, 1, :6], actions[:, 1, 6] = 0.0, 0.5
    closing = FeatureClips(clips.features, actions, clips.states)
    with torch.inference_mode():
        step = slice(1, 2)
        forced = world_model.predict(
            clips.features[:, step], actions[:, step], clips.states[:, step]
        )[:, 0]
    # As in a training in half precision, whose held-out features are halves, too.
    halves = FeatureClips(clips.features.half(), actions, clips.states)
    with torch.autocast("cpu", torch.bfloat16):
        assert gripper_errors(world_model.predictor, halves).keys() == {
            "gripper_error",
            "gripper_copy_error",
        }
    errors = gripper_errors(world_model.predictor, closing)
    wanted, before = clips.features[:, 2], clips.features[:, 1]
    assert errors["gripper_error"] == pytest.approx(
        float((forced - wanted).abs().mean()), rel=1e-4
    )
    copied = float((before - wanted).abs().mean())
    assert errors["gripper_copy_error"] == pytest.approx(copied, rel=1e-5)
