"""The cross-entropy method over action sequences (section 3.2 of the paper)."""

import math
from time import perf_counter

import torch
from torch import Tensor

from vjepa2_planner.constraints import Constraint
from vjepa2_planner.cross_entropy_settings import CrossEntropySettings
from vjepa2_planner.failures import PlanningFailure, PlanningFault
from vjepa2_planner.plan import Plan, Refinement
from vjepa2_planner.world_model import Latent, WorldModel

SAMPLED = (0, 1, 2, 6)  # x, y, z and gripper of the 7 numbers; rotation is not planned
GRIPPER = 6


class CrossEntropyMethod:
    """Samples action sequences, keeps those of least energy, refits a diagonal Gaussian to them.

    It holds no state between calls: the same arguments and seed give the same plan.
    """

    def __init__(
        self, settings: CrossEntropySettings, constraint: Constraint, *, seed: int = 0
    ) -> None:
        self.settings = settings
        self.constraint = constraint
        self.seed = seed

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
    ) -> Plan:
        """The mean of the last refinement, projected, with small gripper changes set to 0.

        All zeros if it saves less than the ``hold_margin`` over standing still.

        ``states`` [T, 7], one per context frame. ``noise`` [refinements, H, S, 4] standard normal
        draws for x, y, z and gripper, instead of those of ``seed`` (default: the planner's own).
        Raises :class:`PlanningFailure` where states or too many energies are not finite.
        """
        started = perf_counter()
        device = world_model.device
        states = _checked_states(states).to(device)
        used_seed = None if noise is not None else self.seed if seed is None else seed
        draws = self._draws(used_seed, noise).to(device)
        mean, std = self._first_distribution(device)
        trace: list[Refinement] = []
        for draw in draws:
            refinement_started = perf_counter()
            candidates = self._sample(draw, mean, std)
            energies = world_model.energies(context, states, goal, self._repeated(candidates))
            elites, elite_energies, finite = self._select(candidates, energies)
            mean, std = self._update(mean, std, elites)
            seconds = perf_counter() - refinement_started
            trace.append(
                Refinement(
                    mean.cpu(), std.cpu(), elite_energies[0], elite_energies, finite, seconds
                )
            )
        actions = self._settled(mean)
        both = torch.stack((actions, torch.zeros_like(actions)))
        final = _finite_or_inf(world_model.energies(context, states, goal, self._repeated(both)))
        energy, hold_energy = final.tolist()
        if math.isinf(energy):
            raise PlanningFailure(
                PlanningFault.PLAN_ENERGY_NOT_FINITE, "the planned action has no finite energy"
            )
        if self.settings.hold_margin and energy > hold_energy * (1 - self.settings.hold_margin):
            actions, energy = torch.zeros_like(actions), hold_energy
        total = perf_counter() - started
        return Plan(actions.cpu(), energy, hold_energy, tuple(trace), total, used_seed)

    def _draws(self, seed: int | None, noise: Tensor | None) -> Tensor:
        s = self.settings
        shape = (s.refinements, s.horizon, s.samples, len(SAMPLED))
        if noise is None:
            assert seed is not None
            # On the CPU whatever the model's device, so that every device plans from equal draws.
            return torch.randn(shape, generator=torch.Generator("cpu").manual_seed(seed))
        given = torch.as_tensor(noise, dtype=torch.float32)
        if tuple(given.shape) != shape or not given.isfinite().all():
            raise ValueError(
                f"noise must be finite and of shape {shape}, got {tuple(given.shape)}"
            )
        return given

    def _first_distribution(self, device: torch.device) -> tuple[Tensor, Tensor]:
        s = self.settings
        mean = torch.zeros(s.horizon, 7, device=device)
        std = torch.zeros_like(mean)
        std[:, :3] = s.translation_std
        std[:, GRIPPER] = 0.0 if s.fixed_gripper else s.gripper_std
        return mean, std

    def _sample(self, draw: Tensor, mean: Tensor, std: Tensor) -> Tensor:
        horizon, samples, _ = draw.shape
        normal = draw.new_zeros(samples, horizon, 7)
        normal[..., SAMPLED] = draw.transpose(0, 1)
        if self.settings.include_mean:
            normal[0] = 0.0
        return self.constraint.project(normal * std + mean)

    def _repeated(self, actions: Tensor) -> Tensor:
        return actions.repeat_interleave(self.settings.repeat, dim=1)

    def _select(
        self, candidates: Tensor, energies: Tensor
    ) -> tuple[Tensor, tuple[float, ...], int]:
        if energies.shape != candidates.shape[:1]:
            raise ValueError(
                f"the world model gave energies of shape {tuple(energies.shape)} "
                f"for {len(candidates)} candidates; it must give one each"
            )
        energies = _finite_or_inf(energies)
        count, finite = self.settings.elites, int(energies.isfinite().sum())
        if finite < count:
            raise PlanningFailure(
                PlanningFault.TOO_FEW_FINITE_ENERGIES,
                f"{finite} of {len(candidates)} candidates have a finite energy, {count} are "
                "needed; check the image, the state and the checkpoint",
            )
        best = energies.topk(count, largest=False)
        return candidates[best.indices], tuple(best.values.tolist()), finite

    def _update(self, mean: Tensor, std: Tensor, elites: Tensor) -> tuple[Tensor, Tensor]:
        s = self.settings
        keep_mean = torch.full((7,), s.momentum_mean, device=mean.device)
        keep_std = torch.full((7,), s.momentum_std, device=mean.device)
        keep_mean[GRIPPER] = s.momentum_mean_gripper
        keep_std[GRIPPER] = s.momentum_std_gripper
        new_mean = elites.mean(dim=0) * (1.0 - keep_mean) + mean * keep_mean
        new_std = elites.std(dim=0) * (1.0 - keep_std) + std * keep_std
        return new_mean, new_std

    def _settled(self, mean: Tensor) -> Tensor:
        actions = self.constraint.project(mean).clone()
        gripper = actions[:, GRIPPER]
        small = gripper.abs() < self.settings.gripper_deadband
        actions[:, GRIPPER] = torch.where(small, torch.zeros_like(gripper), gripper)
        return actions


def _checked_states(states: Tensor) -> Tensor:
    states = torch.as_tensor(states, dtype=torch.float32)
    if states.ndim != 2 or states.shape[0] < 1 or states.shape[1] != 7:
        raise ValueError(f"states must be [T, 7] with T >= 1, got {tuple(states.shape)}")
    if not states.isfinite().all():
        raise PlanningFailure(PlanningFault.STATE_NOT_FINITE, f"robot state {states.tolist()}")
    return states


def _finite_or_inf(energies: Tensor) -> Tensor:
    return torch.where(energies.isfinite(), energies, torch.inf).float()
