"""The machine that figures come from, and how quickly it multiplies matrices."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch

from vjepa2_sim.versions import versions

MATRIX = {"cpu": 2048, "cuda": 8192}
SMALLEST = 256
LONG = 0.05  # s


def describe(device: torch.device) -> dict[str, object]:
    """Processor, threads, precision's matrix rate and versions."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else processor()
    return {
        "device": name,
        "threads": torch.get_num_threads(),
        "matrix_teraflop_per_second": {
            str(precision).removeprefix("torch."): round(matrix_rate(device, precision) / 1e12, 3)
            for precision in (torch.float32, torch.bfloat16)
        },
        "versions": versions(),
    }


def processor() -> str:
    """Its name, as Linux gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def timed(action: Callable[[], object], times: int, device: torch.device) -> float:
    """Seconds of one call, in the mean; the device is waited for."""
    finish(device)
    started = time.perf_counter()
    for _ in range(times):
        action()
    finish(device)
    return (time.perf_counter() - started) / times


def finish(device: torch.device) -> None:
    """Wait until a GPU has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def matrix_rate(device: torch.device, precision: torch.dtype) -> float:
    """Operations a second of a large square matrix product.

    Where one takes long, a smaller one: a processor without bf16 is a hundred times slower in it.
    """
    size = SMALLEST
    while True:
        a, b = torch.randn(2, size, size, device=device, dtype=precision)
        timed(lambda a=a, b=b: a @ b, 1, device)
        seconds = timed(lambda a=a, b=b: a @ b, 5, device)
        if size == MATRIX[device.type] or seconds > LONG:
            return 2 * size**3 / seconds
        size *= 2
