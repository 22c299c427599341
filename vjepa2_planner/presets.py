"""Named planners."""

from dataclasses import dataclass

from vjepa2_planner.constraints import Box, Constraint
from vjepa2_planner.cross_entropy import CrossEntropyMethod
from vjepa2_planner.cross_entropy_settings import CrossEntropySettings
from vjepa2_planner.lookahead import Lookahead
from vjepa2_planner.plan import Planner


@dataclass(frozen=True)
class Preset:
    """Settings of the cross-entropy method with the constraint that they are meant for.

    ``far``, where given, replaces ``settings`` while the view's energy is over ``far_above``.
    """

    settings: CrossEntropySettings
    constraint: Constraint
    far: CrossEntropySettings | None = None
    far_above: float = 0.0

    def planner(self, *, seed: int = 0) -> Planner:
        """A planner with this preset."""
        near = CrossEntropyMethod(self.settings, self.constraint, seed=seed)
        if self.far is None:
            return near
        return Lookahead(
            near, CrossEntropyMethod(self.far, self.constraint, seed=seed), self.far_above
        )


# `paper`: the budget of section 4. Its constraint is the box, not the L1 ball that the text names:
# the released code clips each axis, and only that allows the paper's steps of "at most 13 cm".
# `demo_sim`: for the bundled model on 2 CPU cores, with the same box; reach only, so the gripper
# is left as it is. Two repeated steps of sight lead out of the dents that this small model's
# energy has far from the goal; the margin keeps the arm still at it. Tuned on training seeds.
PRESETS = {
    "paper": Preset(
        CrossEntropySettings(samples=800, refinements=10, elites=10, horizon=1), Box(radius=0.075)
    ),
    "demo_sim": Preset(
        CrossEntropySettings(
            samples=48,
            refinements=4,
            elites=8,
            fixed_gripper=True,
            include_mean=True,
            hold_margin=0.04,
        ),
        Box(radius=0.075),
        far=CrossEntropySettings(
            samples=32, refinements=4, elites=6, fixed_gripper=True, include_mean=True, repeat=2
        ),
        far_above=0.17,
    ),
}


def preset(name: str) -> Preset:
    """The preset called ``name``; ValueError lists the valid names."""
    if name not in PRESETS:
        raise ValueError(f"no preset called {name!r}; there are {', '.join(sorted(PRESETS))}")
    return PRESETS[name]
