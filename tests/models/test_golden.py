"""Every reference vector of the official models, within 1e-4 in float32."""

import pytest
import torch
from torch import Tensor

from vjepa2_models import WorldModel, preprocess
from vjepa2_models.checkpoint import load_weights
from vjepa2_models.mask_predictor import MaskPredictor
from vjepa2_models.transformer import normalise
from vjepa2_poses import actions_from_states

Golden = dict[str, Tensor]
TOLERANCE = 1e-4


def close(ours: Tensor, official: Tensor) -> None:
    assert ours.shape == official.shape
    torch.testing.assert_close(ours.float(), official.float(), atol=TOLERANCE, rtol=0)


def test_frame_features(world_model: WorldModel, golden: Golden) -> None:
    """Frames, each repeated over a tubelet, encode to the official features."""
    close(world_model.encode(golden["frames_uint8"]), golden["features"])


def test_frame_features_before_norm(world_model: WorldModel, golden: Golden) -> None:
    """The encoder's own output matches, before the layer norm without parameters."""
    images = preprocess(golden["frames_uint8"], 64, "droid")
    clips = images.unsqueeze(2).expand(-1, -1, 2, -1, -1)
    with torch.inference_mode():
        close(world_model.encoder(clips), golden["features_raw"])


def reference_video(golden: Golden) -> Tensor:
    images = preprocess(golden["frames_uint8"], 64, "droid")
    return torch.cat([images, images.flip(0)]).transpose(0, 1).unsqueeze(0)


def test_video_features(world_model: WorldModel, golden: Golden) -> None:
    """A clip of several tubelets encodes to the official features."""
    with torch.inference_mode():
        features = world_model.encoder(reference_video(golden))
    close(features.reshape(golden["video_features"].shape), golden["video_features"])


def test_masked_context_and_prediction(
    world_model: WorldModel, golden: Golden, golden_paths: tuple[str, str]
) -> None:
    """The encoder on visible tokens and the mask predictor on hidden ones match."""
    predictor = MaskPredictor(world_model.dimensions)
    weights = torch.load(golden_paths[0], weights_only=True)["mask_predictor"]
    load_weights(predictor, weights, "mask_predictor")
    keep = golden["mask_context"].reshape(1, -1).long()
    hidden = golden["mask_target"].reshape(1, -1).long()
    with torch.inference_mode():
        visible = world_model.encoder(reference_video(golden), keep)
        predicted = predictor(visible, keep, hidden, mask_token=1)
    official = golden["masked_context_features"]
    close(visible.reshape(official.shape), official)
    close(predicted.reshape(golden["mask_prediction"].shape), golden["mask_prediction"])


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_predictions(world_model: WorldModel, golden: Golden, frames: int) -> None:
    """The action-conditioned predictor matches for every length of context."""
    inputs = (
        golden["features"][None, :frames],
        golden["actions"][:, :frames].float(),
        golden["states"][:, :frames].float(),
    )
    raw, normed = golden[f"prediction_T{frames}"], golden[f"prediction_normed_T{frames}"]
    with torch.inference_mode():
        close(world_model.predictor(*inputs).reshape(raw.shape), raw)
    close(world_model.predict(*inputs).reshape(normed.shape), normed)


def test_actions_from_states(golden: Golden) -> None:
    """The actions between recorded states are the official ones."""
    actions = actions_from_states(golden["states"].double())
    close(actions.reshape(golden["actions_from_states"].shape), golden["actions_from_states"])


def test_energy(world_model: WorldModel, golden: Golden) -> None:
    """One step's energies over the grid of actions."""
    features, states = golden["features"], golden["states"].float()
    energies = world_model.energies(
        features[:1], states[0, :1], features[1:2], golden["energy_actions"].float()[:, None]
    )
    close(energies, golden["energy"])


def test_energy_of_two_steps(world_model: WorldModel, golden: Golden) -> None:
    """The same action twice, the pose propagated in between."""
    features, states = golden["features"], golden["states"].float()
    actions = golden["energy_actions"].float()[:, None].expand(-1, 2, -1)
    energies = world_model.energies(features[:1], states[0, :1], features[1:2], actions)
    close(energies, golden["energy_two_step"])


def test_normalisation_is_the_official_one(golden: Golden) -> None:
    """Raw features, normed by us, are the official normed features."""
    close(normalise(golden["features_raw"]), golden["features"])
