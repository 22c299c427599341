"""Settings of the policy's training, as its YAML files have them."""

from dataclasses import dataclass
from typing import Any

from vjepa2_models.baselines import BehaviourCloningSizes
from vjepa2_models.training.baselines.hindsight import Target
from vjepa2_models.training.clips.clip_settings import ClipSettings
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.settings_file import as_mapping


@dataclass(frozen=True)
class PolicyTraining:
    """All settings of the training.

    Attributes:
        engine: steps, rates and everything else that all trainings share; a row is a clip.
        clips: which clips the pairs of a picture and its goal are drawn from.
        network: sizes of the network and of its pictures.
        target: the next `action`, or the `displacement` to the goal.
        pairs: of a clip.
        furthest_goal: frames from a picture to its goal, at most.
        held_out: share of the episodes that is validated on.
        validation_clips: fixed clips of them.
    """

    engine: EngineSettings
    clips: ClipSettings
    network: BehaviourCloningSizes
    target: Target = "displacement"
    pairs: int = 8
    furthest_goal: int = 8
    held_out: float = 0.03
    validation_clips: int = 128

    def __post_init__(self) -> None:
        if not 1 <= self.furthest_goal < self.clips.frames:
            raise ValueError(
                f"furthest_goal is {self.furthest_goal}; it must be from 1 to clips.frames - 1"
            )
        if self.pairs < 1:
            raise ValueError(f"pairs must be at least 1, not {self.pairs}")
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
