"""Baselines to compare V-JEPA 2-AC with (paper, tables 2 and 3).

A pixel predictor under the same planner, and a goal-conditioned policy cloned from the same data.
"""

from vjepa2_models.baselines.baseline_file import baseline_kind
from vjepa2_models.baselines.behaviour_cloning import BehaviourCloning, BehaviourCloningSizes
from vjepa2_models.baselines.pixel_predictor import PixelPredictor, PixelPredictorSizes
from vjepa2_models.baselines.pixel_predictor_file import (
    bundled_pixel_baseline,
    load_pixel_predictor,
    save_pixel_predictor,
)
from vjepa2_models.baselines.pixel_world_model import PixelWorldModel
from vjepa2_models.baselines.policy_file import (
    bundled_policy_baseline,
    load_policy,
    save_policy,
)
from vjepa2_models.baselines.policy_world_model import PolicyWorldModel

__all__ = [
    "BehaviourCloning",
    "BehaviourCloningSizes",
    "PixelPredictor",
    "PixelPredictorSizes",
    "PixelWorldModel",
    "PolicyWorldModel",
    "baseline_kind",
    "bundled_pixel_baseline",
    "bundled_policy_baseline",
    "load_pixel_predictor",
    "load_policy",
    "save_pixel_predictor",
    "save_policy",
]
