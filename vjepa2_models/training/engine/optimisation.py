"""One step of the optimiser over all parts of a batch, in all processes."""

from collections.abc import Mapping
from contextlib import ExitStack
from itertools import chain

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from vjepa2_models.attention_kernels import attention_kernels
from vjepa2_models.fast_dtype import fast_dtype
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.parameter_groups import decayed
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.stage import Batch, Stage


class NotFiniteError(FloatingPointError):
    """A loss or a gradient that is not finite; the message names the batch's episodes."""


class StageLosses(nn.Module):
    """A stage's losses as one forward pass, which is what DistributedDataParallel takes."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.parts = nn.ModuleDict(dict(stage.modules))

    def forward(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return self.stage.losses(tensors)


class Optimisation:
    """AdamW over a stage's losses."""

    def __init__(self, stage: Stage, settings: EngineSettings, processes: Processes) -> None:
        self.settings, self.processes = settings, processes
        losses = StageLosses(stage).to(processes.device)
        groups = decayed(settings.weight_decay, *stage.modules.values())
        self.weights = [weight for group in groups for weight in group["params"]]
        self.optimiser = torch.optim.AdamW(groups, lr=settings.schedule.peak, fused=True)
        self.losses = DistributedDataParallel(losses) if processes.world > 1 else losses

    def step(self, step: int, parts: list[Batch]) -> dict[str, float]:
        """Moves the weights by the mean of the parts' losses; returns all scalars and `loss`.

        Raises:
            NotFiniteError: in every process, before any weight moves.
        """
        rate = self.settings.schedule.rate(step)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        scalars: list[dict[str, Tensor]] = []
        for part in parts:
            with self._talking(last=part is parts[-1]):
                scalars.append(self._backward(part))
        means = {name: torch.stack([part[name] for part in scalars]).mean() for name in scalars[0]}
        reduced = self.processes.mean(torch.stack(list(means.values())).double()).tolist()
        values = dict(zip(means, reduced, strict=True))
        largest = self.settings.clip_gradient or float("inf")
        values["gradient_norm"] = float(nn.utils.clip_grad_norm_(self.weights, largest))
        values["learning_rate"] = rate
        if not all(map(_finite, (values["loss"], values["gradient_norm"]))):
            bad = [not _finite(part["loss"].item()) for part in scalars]
            self._refuse(step, values, parts, bad)
        self.optimiser.step()
        return values

    def _backward(self, part: Batch) -> dict[str, Tensor]:
        device = self.processes.device
        tensors = {k: v.to(device, non_blocking=True) for k, v in part.tensors.items()}
        # Around backward too: gradient checkpointing computes the forward pass there again.
        with attention_kernels(device):
            with autocast(self.settings, device):
                scalars: dict[str, Tensor] = self.losses(tensors)
            terms = [value for value in scalars.values() if value.requires_grad]
            loss = torch.stack([term.float() for term in terms]).sum()
            (loss / self.settings.accumulate).backward()
        return {name: value.detach() for name, value in {"loss": loss, **scalars}.items()}

    def _talking(self, last: bool) -> ExitStack:
        """Processes exchange their gradients after the last part alone."""
        stack = ExitStack()
        if isinstance(self.losses, DistributedDataParallel) and not last:
            stack.enter_context(self.losses.no_sync())
        return stack

    def _refuse(
        self, step: int, values: Mapping[str, float], parts: list[Batch], bad: list[bool]
    ) -> None:
        # Where no single loss is to blame (an overflow in the gradient), all rows are named.
        blamed = [part for part, is_bad in zip(parts, bad, strict=True) if is_bad or not any(bad)]
        gathered = self.processes.gather((any(bad), [o for part in blamed for o in part.origins]))
        certain = [origins for is_bad, origins in gathered if is_bad]
        origins = chain.from_iterable(certain or [origins for _, origins in gathered])
        raise NotFiniteError(
            f"the loss of step {step} is {values['loss']} and its gradient's norm "
            f"{values['gradient_norm']}; the weights and the last checkpoint are as they were. "
            f"Its batch: {'; '.join(origins)}. Look at these episodes, or lower the learning "
            "rate. With other data or settings it is another training: start it in another folder."
        )


def _finite(value: float) -> bool:
    return abs(value) < float("inf")


def autocast(settings: EngineSettings, device: torch.device) -> torch.autocast:
    """The context that networks run in."""
    half = network_dtype(settings, device) is torch.bfloat16
    return torch.autocast(device.type, torch.bfloat16, enabled=half)


def network_dtype(settings: EngineSettings, device: torch.device) -> torch.dtype:
    """What networks compute in: bf16 if wanted, but not on a CPU that is far slower in it."""
    return fast_dtype(device) if settings.precision == "bf16" else torch.float32
