"""Settings of the pixel predictor's training, as its YAML files have them."""

from dataclasses import dataclass
from typing import Any

from vjepa2_models.baselines import PixelPredictorSizes
from vjepa2_models.training.clips.clip_settings import ClipSettings
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.settings_file import as_mapping


@dataclass(frozen=True)
class PixelTraining:
    """All settings of the training.

    Attributes:
        engine: steps, rates and everything else that all trainings share; a row is a clip.
        clips: which clips; each is imagined from its first frame to its last.
        network: sizes of the network and of its pictures.
        held_out: share of the episodes that is validated on.
        validation_clips: fixed clips of them.
    """

    engine: EngineSettings
    clips: ClipSettings
    network: PixelPredictorSizes
    held_out: float = 0.03
    validation_clips: int = 256

    def __post_init__(self) -> None:
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is {self.held_out}; it must be between 0 and 1")
        if self.validation_clips < 1:
            raise ValueError(f"validation_clips must be at least 1, not {self.validation_clips}")

    def identity(self) -> dict[str, Any]:
        """The settings that a resumed training must share: all that its result depends on."""
        values = as_mapping(self)
        del values["validation_clips"]
        values["engine"] = self.engine.identity()
        return values
