"""Whether the kernel keeps the arm's rhythm of one millisecond."""

from __future__ import annotations

import platform
from pathlib import Path

from vjepa2.doctor.finding import Finding, lacking, ok
from vjepa2.doctor.host import Host

FLAG = Path("sys/kernel/realtime")


def check(host: Host) -> Finding:
    """Of this host."""
    return judge(platform.release(), platform.version(), Path("/"), host.has_real_arm)


def judge(release: str, built: str, root: Path, real_arm: bool) -> Finding:
    """By what uname says, and by the file that patched kernels have."""
    flag = root / FLAG
    if "PREEMPT_RT" in built or (flag.is_file() and flag.read_text().strip() == "1"):
        return ok("kernel", f"Linux {release}, real-time")
    return lacking(
        "kernel",
        f"Linux {release}, not real-time",
        "a simulated arm needs none; beside a real one install a PREEMPT_RT kernel (on Ubuntu "
        "`pro enable realtime-kernel`), or set `realtime: false` for the bridge, at the price of "
        "rougher motions",
        needed=real_arm,
    )
