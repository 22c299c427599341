"""The planner: a first distribution, an optimiser's refinements, and one settled action."""

import math
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor

from vjepa2_planner.constraints import GRIPPER, Constraint
from vjepa2_planner.draws import Draws, GivenDraws, LowDiscrepancyDraws, RandomDraws
from vjepa2_planner.failures import PlanningFailure, PlanningFault
from vjepa2_planner.gripper_direction import Stroke, mean_savings, strokes_of
from vjepa2_planner.optimiser import Distribution, Optimiser, Refined
from vjepa2_planner.plan import Plan, Refinement
from vjepa2_planner.plan_settings import PAPER, PlanSettings
from vjepa2_planner.problem import Problem
from vjepa2_planner.world_model import Latent, WorldModel


@dataclass(frozen=True)
class OptimisingPlanner:
    """Plans with any optimiser. Holds no state: the same arguments and seed give the same plan."""

    optimiser: Optimiser
    constraint: Constraint
    settings: PlanSettings = PAPER
    seed: int = 0

    @torch.no_grad()
    def plan(
        self,
        world_model: WorldModel[Latent],
        context: Latent,
        states: Tensor,
        goal: Latent,
        noise: Tensor | None = None,
        *,
        seed: int | None = None,
        warm: Tensor | None = None,
        at_most: int | None = None,
    ) -> Plan:
        """What the optimiser found, projected, with small gripper changes set to 0.

        All zeros if it saves less than the ``hold_margin`` over standing still, and the gripper
        stays if its change saves less than the ``gripper_margin``, see `PlanSettings`.

        ``states`` [T, 7], one per context frame. ``noise`` [refinements, H, S, columns] standard
        normal draws for the planned columns, instead of those of ``seed`` (default: the planner's
        own). Raises :class:`PlanningFailure` where states or too many energies are not finite.
        """
        started = perf_counter()
        problem = Problem(
            world_model,
            context,
            _checked_states(states),
            goal,
            self.constraint,
            self.settings.repeat,
        )
        used_seed = None if noise is not None else self.seed if seed is None else seed
        draws = self._draws(used_seed, noise)
        first_mean = self._first_mean(warm)
        first = Distribution(first_mean.to(problem.device), self._first_std(problem.device))
        refined = self._refined(problem, first, draws, started, at_most)
        trace = self._trace(refined)
        settled = self._settled(problem, refined[-1].found.actions)
        return Plan(
            settled.actions.cpu(),
            settled.energy,
            settled.hold_energy,
            trace,
            perf_counter() - started,
            used_seed,
            problem.evaluations,
            len(refined) == self.optimiser.refinements,
            first_mean,
            settled.strokes,
        )

    def _draws(self, seed: int | None, noise: Tensor | None) -> Draws:
        columns = self.constraint.columns
        if noise is not None:
            return GivenDraws(noise, columns)
        assert seed is not None
        kind = LowDiscrepancyDraws if self.settings.low_discrepancy else RandomDraws
        return kind(seed, columns)

    def _first_mean(self, warm: Tensor | None) -> Tensor:
        """[H, 7] on the CPU: standing still, or the warm start where it has the right length."""
        horizon = self.settings.horizon
        if not self.settings.warm_start or warm is None or len(warm) != horizon:
            return torch.zeros(horizon, 7)
        return warm.float().cpu()

    def _first_std(self, device: torch.device) -> Tensor:
        s = self.settings
        std = torch.zeros(s.horizon, 7)
        std[:, :3] = s.translation_std
        std[:, 3:GRIPPER] = s.rotation_std
        std[:, GRIPPER] = 0.0 if s.fixed_gripper else s.gripper_std
        return std.to(device)

    def _refined(
        self,
        problem: Problem[Latent],
        first: Distribution,
        draws: Draws,
        started: float,
        at_most: int | None,
    ) -> list["_Refined"]:
        """All refinements, or those that the time budget allows."""
        budget = math.inf if at_most is not None else self.settings.time_budget
        refined: list[_Refined] = []
        before = perf_counter()
        for found in self.optimiser.refine(problem, first, draws):
            if budget < math.inf and problem.device.type == "cuda":
                torch.cuda.synchronize(problem.device)
            now = perf_counter()
            refined.append(_Refined(found, problem.evaluations, now - before))
            if len(refined) == at_most or now - started + (now - before) > budget:
                break
            before = now
        return refined

    def _trace(self, refined: list["_Refined"]) -> tuple[Refinement, ...]:
        """The refinements on the CPU; PlanningFailure where one had too few finite energies."""
        trace = tuple(part.recorded() for part in refined)
        for record, part in zip(trace, refined, strict=True):
            if record.finite < self.optimiser.needed:
                raise PlanningFailure(
                    PlanningFault.TOO_FEW_FINITE_ENERGIES,
                    f"{record.finite} of {part.found.candidates} candidates have a finite energy, "
                    f"{self.optimiser.needed} are needed; check the image, the state and the "
                    "checkpoint",
                )
        return trace

    def _settled(self, problem: Problem[Latent], found: Tensor) -> "_Settled":
        """What to execute."""
        actions = self._without_small_changes(problem.project(found))
        changed = [actions, *self._other_grippers(problem, actions)]
        weighed = self.settings.gripper_margin > 0 or self.settings.gripper_by_direction
        kept = [actions * _but_gripper(actions)] if weighed else []
        candidates = torch.stack([torch.zeros_like(actions), *changed, *kept])
        hold_energy, *energies = problem.energies(candidates).cpu()
        tried = torch.stack(energies[: len(changed)])
        strokes: tuple[Stroke, ...] = ()
        if kept:
            changes, savings = candidates[1:-1, 0, GRIPPER].cpu(), energies[-1] - tried
            if self.settings.gripper_by_direction:
                savings = mean_savings(changes, tried, energies[-1])
                strokes = strokes_of(changes, savings)
            tried = torch.where(savings >= self.settings.gripper_margin, tried, torch.inf)
        best = int(tried.argmin())
        actions, energy = changed[best], float(tried[best])
        if kept and math.isinf(energy):
            actions, energy = kept[0], float(energies[-1])
        if math.isinf(energy):
            raise PlanningFailure(
                PlanningFault.PLAN_ENERGY_NOT_FINITE, "the planned action has no finite energy"
            )
        margin = self.settings.hold_margin
        if margin and energy > hold_energy * (1 - margin):
            actions, energy = torch.zeros_like(actions), float(hold_energy)
        return _Settled(actions, energy, float(hold_energy), strokes)

    def _without_small_changes(self, actions: Tensor) -> Tensor:
        gripper, moved = actions[:, GRIPPER], torch.linalg.vector_norm(actions[:, :3], dim=1)
        small = gripper.abs() < self.settings.gripper_deadband
        left = small | (moved > self.settings.gripper_rest)
        return torch.cat([actions[:, :GRIPPER], torch.where(left, 0.0, gripper)[:, None]], dim=1)

    def _other_grippers(self, problem: Problem[Latent], actions: Tensor) -> list[Tensor]:
        """The actions with each change of the gripper that is tried in the first step."""
        if not self.settings.gripper_tries or self.settings.fixed_gripper:
            return []
        others = []
        for change in torch.linspace(-1.0, 1.0, self.settings.gripper_tries):
            other = actions.clone()
            other[0, GRIPPER] = change
            others.append(self._without_small_changes(problem.project(other)))
        return others


@dataclass(frozen=True, eq=False)
class _Settled:
    """The actions to execute, their energy, that of standing still, and the gripper's strokes."""

    actions: Tensor
    energy: float
    hold_energy: float
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, eq=False)
class _Refined:
    """A refinement, the evaluations up to its end, and its time [s]."""

    found: Refined
    evaluations: int
    seconds: float

    def recorded(self) -> Refinement:
        """On the CPU, for the trace."""
        return Refinement(
            self.found.distribution.mean.cpu(),
            self.found.distribution.std.cpu(),
            tuple(self.found.elite_energies.tolist()),
            int(self.found.finite),
            self.evaluations,
            self.seconds,
        )


def _but_gripper(actions: Tensor) -> Tensor:
    """Ones, and 0 for the gripper; [7]."""
    mask = actions.new_ones(7)
    mask[GRIPPER] = 0.0
    return mask


def _checked_states(states: Tensor) -> Tensor:
    states = torch.as_tensor(states, dtype=torch.float32)
    if states.ndim != 2 or states.shape[0] < 1 or states.shape[1] != 7:
        raise ValueError(f"states must be [T, 7] with T >= 1, got {tuple(states.shape)}")
    if not states.isfinite().all():
        raise PlanningFailure(PlanningFault.STATE_NOT_FINITE, f"robot state {states.tolist()}")
    return states
