"""Networks, checkpoints and preprocessing of V-JEPA 2 and V-JEPA 2-AC (arXiv 2506.09985)."""

from vjepa2_models.bundled import bundled_checkpoint
from vjepa2_models.checkpoint import CheckpointError, load_world_model, save_world_model
from vjepa2_models.dimensions import ENCODERS, RELEASED, Dimensions, read_dimensions
from vjepa2_models.fast_dtype import fast_dtype
from vjepa2_models.preprocessing import crop_box, preprocess
from vjepa2_models.world_model import WorldModel

__all__ = [
    "ENCODERS",
    "RELEASED",
    "CheckpointError",
    "Dimensions",
    "WorldModel",
    "bundled_checkpoint",
    "crop_box",
    "fast_dtype",
    "load_world_model",
    "preprocess",
    "read_dimensions",
    "save_world_model",
]
