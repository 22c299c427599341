"""Tiny baselines with drawn weights."""

import pytest
import torch

from vjepa2_models.baselines import (
    BehaviourCloning,
    BehaviourCloningSizes,
    PixelPredictor,
    PixelPredictorSizes,
)


@pytest.fixture
def predictor() -> PixelPredictor:
    """One whose predictions depend on everything it is given, as those of a fresh one do not."""
    torch.manual_seed(0)
    predictor = PixelPredictor(PixelPredictorSizes(img_size=16, widths=(8, 16), condition=8))
    torch.nn.init.normal_(predictor.change.weight, std=0.05)
    return predictor.eval().requires_grad_(False)


@pytest.fixture
def policy() -> BehaviourCloning:
    torch.manual_seed(0)
    sizes = BehaviourCloningSizes(img_size=16, widths=(8, 16), hidden=16)
    return BehaviourCloning(sizes).eval().requires_grad_(False)
