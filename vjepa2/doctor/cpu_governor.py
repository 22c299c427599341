"""Whether the processors keep their pace."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from vjepa2.doctor.finding import Finding, ok, warning
from vjepa2.doctor.host import Host

GOVERNORS = "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor"


def check(host: Host) -> Finding:
    """Of this host."""
    return judge(Path("/"))


def judge(root: Path) -> Finding:
    """By what the kernel's files under `root` say."""
    governors = Counter(file.read_text().strip() for file in root.glob(GOVERNORS))
    if not governors:
        return ok("governor", "the processors' pace is not the kernel's to set here")
    found = ", ".join(f"{name} on {count} CPUs" for name, count in sorted(governors.items()))
    if set(governors) == {"performance"}:
        return ok("governor", found)
    return warning(
        "governor", found, "`cpupower frequency-set -g performance`, as root, beside a real arm"
    )
