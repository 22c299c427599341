"""The processes of one training: one alone, or several that torchrun has started."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

T = TypeVar("T")

# The first process may validate or hash a large encoder while the others wait.
PATIENCE = timedelta(hours=2)


@dataclass(frozen=True)
class Processes:
    """This process among all: its number, how many there are, and where it computes."""

    rank: int
    world: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the one that reports, validates and writes."""
        return self.rank == 0

    def mean(self, values: Tensor) -> Tensor:
        """The mean over all processes."""
        if self.world > 1:
            dist.all_reduce(values)
        return values / self.world

    def gather(self, value: T) -> list[T]:
        """Every process's value, in the order of their numbers."""
        if self.world == 1:
            return [value]
        values: list[T] = [value] * self.world
        dist.all_gather_object(values, value)
        return values

    def wait_for_all(self) -> None:
        """Returns once every process is here."""
        self.gather(None)


@contextmanager
def join_processes(device: Literal["auto", "cpu", "cuda"] = "auto") -> Iterator[Processes]:
    """This process within its group, which is left again at the end.

    Under torchrun each process has a GPU of its own, numbered by LOCAL_RANK; on the CPU they
    talk through gloo.

    Raises:
        ValueError: if a GPU is asked for and there is none.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device: cuda was asked for, but PyTorch sees no GPU; use auto or cpu")
    world = int(os.environ.get("WORLD_SIZE", "1"))
    rank, local = (int(os.environ.get(name, "0")) for name in ("RANK", "LOCAL_RANK"))
    on_gpu = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    where = torch.device("cuda", local) if on_gpu else torch.device("cpu")
    if on_gpu:
        torch.cuda.set_device(where)
    if world == 1:
        yield Processes(0, 1, where)
        return
    dist.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo", timeout=PATIENCE)
    try:
        yield Processes(rank, world, where)
    finally:
        dist.destroy_process_group()
