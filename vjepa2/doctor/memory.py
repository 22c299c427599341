"""Room for the nodes and their models."""

from __future__ import annotations

from pathlib import Path

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host

LEAST = 2 * 2**20  # KiB
COMFORTABLE = 6 * 2**20  # KiB


def check(host: Host) -> Finding:
    """Of this host."""
    return judge(Path("/proc/meminfo").read_text(encoding="ascii"))


def judge(meminfo: str) -> Finding:
    """By the kernel's own account."""
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in meminfo.splitlines() if line}
    available, total = sizes["MemAvailable"], sizes["MemTotal"]
    found = f"{available / 2**20:.1f} of {total / 2**20:.1f} GiB are available"
    if available < LEAST:
        return missing("memory", found, "end other programs: the nodes take about 2 GiB")
    if available < COMFORTABLE:
        return warning("memory", found, "enough for the bundled model; the released ViT-g needs 6")
    return ok("memory", found)
