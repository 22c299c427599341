"""How much memory a candidate takes, against what is counted at the released sizes."""

import weakref
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from vjepa2_models import WorldModel
from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_models.candidate_memory import CPU_BATCH, bytes_of_one, candidates_at_once
from vjepa2_models.dimensions import RELEASED
from vjepa2_models.rollout import Rollout
from vjepa2_models.rotary import frame_table


class Counted(TorchDispatchMode):
    """Counts the bytes of all tensors made and not yet freed, and the most there ever were."""

    def __init__(self) -> None:
        super().__init__()
        self.alive: dict[int, int] = {}
        self.most = 0

    def __torch_dispatch__(
        self,
        function: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        made = function(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                if storage._cdata not in self.alive:
                    self.alive[storage._cdata] = storage.nbytes()
                    weakref.finalize(storage, self.alive.pop, storage._cdata)
        self.most = max(self.most, sum(self.alive.values()))
        return made


@pytest.fixture
def predictor() -> Iterator[ACPredictor]:
    """Of the released sizes in bf16; neither it nor anything made beside it has values."""
    with torch.device("meta"):
        predictor = WorldModel(RELEASED).predictor
    frame_table.cache_clear()
    with FakeTensorMode():
        for module in predictor.modules():
            for name, weight in list(module._parameters.items()):
                assert weight is not None
                values = torch.empty(weight.shape, dtype=torch.bfloat16)
                module._parameters[name] = nn.Parameter(values, requires_grad=False)
        yield predictor
    frame_table.cache_clear()  # tables without values are of no use to other tests


def most_bytes(
    predictor: ACPredictor, candidates: int, context: int, horizon: int, gradients: bool
) -> int:
    """At the worst moment of a rollout with attention that keeps no scores."""
    seen = torch.empty(context, RELEASED.tokens, RELEASED.encoder.embed_dim).bfloat16()
    actions = torch.empty(candidates, horizon, 7, requires_grad=gradients)
    with (
        Counted() as counted,
        torch.set_grad_enabled(gradients),
        sdpa_kernel(SDPBackend.FLASH_ATTENTION),
    ):
        rollout = Rollout(predictor, seen, torch.empty(context, 7))
        *_, last = rollout.imagine(actions)
        energy = last.float().abs().mean()
        if gradients:
            torch.autograd.grad(energy, actions)
    return counted.most


@pytest.mark.parametrize("gradients", [False, True])
@pytest.mark.parametrize(("context", "horizon"), [(1, 1), (1, 3), (2, 2), (3, 1)])
def test_what_is_counted_is_what_is_taken(
    predictor: ACPredictor, context: int, horizon: int, gradients: bool
) -> None:
    """Never too little, and not far too much."""
    few, many = (most_bytes(predictor, n, context, horizon, gradients) for n in (4, 12))
    taken = (many - few) / 8
    assert taken <= bytes_of_one(predictor, context, horizon, gradients) <= 2 * taken


def test_on_a_gpu_half_of_the_free_memory_is_used(
    predictor: ACPredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what the allocator holds in reserve; one candidate is always tried."""
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 10 << 30)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 16 << 30)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (4 << 30, 80 << 30))
    gpu, one = torch.device("cuda"), bytes_of_one(predictor, 1, 2)
    assert candidates_at_once(predictor, 1, 2, gpu) == (5 << 30) // one
    assert candidates_at_once(predictor, 1, 2, torch.device("cpu")) == CPU_BATCH
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (0, 80 << 30))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 10 << 30)
    assert candidates_at_once(predictor, 1, 2, gpu) == 1
