"""Starting stage 1 from the weights of an earlier one."""

from pathlib import Path

from vjepa2_models.checkpoint import clean_names, load_weights
from vjepa2_models.checkpoint_parts import parts_of, read_file
from vjepa2_models.encoder import Encoder
from vjepa2_models.mask_predictor import MaskPredictor


def start_from(path: Path, student: Encoder, teacher: Encoder, predictor: MaskPredictor) -> None:
    """Copies the weights of a checkpoint: this stage's, an official one, or any encoder.

    Without a student of its own in it the student starts as the teacher, and without a mask
    predictor that stays as it is.

    Raises:
        FileNotFoundError, CheckpointError: as `checkpoint_parts.read_file` and `load_weights`.
    """
    file = read_file(path)
    parts = parts_of(file)
    both = "target_encoder" in file.entries and "encoder" in file.entries
    own = clean_names(file.entries["encoder"]) if both else parts.encoder
    load_weights(student, own, f"{path.name}: encoder")
    load_weights(teacher, parts.encoder, f"{path.name}: {parts.encoder_entry}")
    if parts.mask_predictor is not None:
        load_weights(predictor, parts.mask_predictor, f"{path.name}: mask predictor")
