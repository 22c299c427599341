"""The pixel predictor, and rolling it out."""

import pytest
import torch

from vjepa2_models.baselines import PixelPredictor, PixelPredictorSizes
from vjepa2_models.baselines.pixel_predictor import rollout, states_along
from vjepa2_poses import apply_action


def test_a_fresh_one_predicts_that_nothing_changes() -> None:
    """At any number of levels."""
    pictures = torch.rand(2, 3, 32, 32)
    for widths in ((8,), (8, 16), (8, 16, 24)):
        predictor = PixelPredictor(PixelPredictorSizes(32, widths=widths, condition=8))
        predicted = predictor(pictures, torch.randn(2, 7), torch.randn(2, 7))
        assert torch.equal(predicted, pictures)


def test_the_default_is_small() -> None:
    """1 to 1.5 million weights: under 3 MB in half precision."""
    predictor = PixelPredictor(PixelPredictorSizes())
    assert 1.0e6 < sum(weight.numel() for weight in predictor.parameters()) < 1.5e6


def test_prediction_depends_on_picture_state_and_action(predictor: PixelPredictor) -> None:
    """And each row on its own ones alone."""
    pictures, states, actions = torch.rand(2, 3, 16, 16), torch.randn(2, 7), torch.randn(2, 7)
    predicted = predictor(pictures, states, actions)
    assert predicted.shape == (2, 3, 16, 16) and predicted.dtype == torch.float32
    for i in range(3):
        changed = [pictures.clone(), states.clone(), actions.clone()]
        changed[i][0] += 0.3
        again = predictor(*changed)
        assert not torch.allclose(again[0] - changed[0][0], predicted[0] - pictures[0], atol=1e-4)
        torch.testing.assert_close(again[1], predicted[1])


def test_a_rollout_is_fed_its_own_clipped_predictions(predictor: PixelPredictor) -> None:
    """Step by step, as by hand."""
    picture, states, actions = torch.rand(2, 3, 16, 16), torch.randn(2, 3, 7), torch.randn(2, 3, 7)
    rolled = rollout(predictor, picture, states, actions)
    assert rolled.shape == (2, 3, 3, 16, 16)
    for step in range(3):
        predicted = predictor(picture, states[:, step], actions[:, step])
        torch.testing.assert_close(rolled[:, step], predicted)
        picture = predicted.clamp(0, 1)


def test_states_along_actions() -> None:
    """The first is given, each later one follows from the action before it."""
    state, actions = torch.rand(2, 7), 0.05 * torch.randn(2, 3, 7)
    states = states_along(state, actions)
    assert torch.equal(states[:, 0], state)
    for step in range(2):
        expected = apply_action(states[:, step], actions[:, step])
        torch.testing.assert_close(states[:, step + 1], expected)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"widths": ()}, "widths"),
        ({"widths": (12, 16)}, r"multiples of 8, not \[12, 16\]"),
        ({"img_size": 60}, "60 is not a multiple of 8"),
        ({"img_size": 0}, "img_size"),
        ({"condition": 0}, "condition"),
    ],
)
def test_sizes_that_do_not_go(sizes: dict[str, object], said: str) -> None:
    """Each is named."""
    with pytest.raises(ValueError, match=said):
        PixelPredictorSizes(**sizes)  # type: ignore[arg-type]
