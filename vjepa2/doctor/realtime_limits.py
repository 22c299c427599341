"""Whether this user's programs may run before others, and keep their memory."""

from __future__ import annotations

import resource

from vjepa2.doctor.finding import Finding, ok, warning
from vjepa2.doctor.host import Host

PRIORITY = 80
"""Less is not enough to go before the kernel's own threads for interrupts, which have 50."""
LOCKED = 512 * 2**20  # bytes


def check(host: Host) -> Finding:
    """Of this process, whose children inherit them."""
    priority = resource.getrlimit(resource.RLIMIT_RTPRIO)[1]
    return judge(priority, resource.getrlimit(resource.RLIMIT_MEMLOCK)[1])


def judge(priority: int, locked: int) -> Finding:
    """By the hard limits of rtprio, and of memlock [bytes]; RLIM_INFINITY is none."""
    free = resource.RLIM_INFINITY
    memory = "unlimited" if locked == free else f"{locked / 2**20:.0f} MiB"
    found = f"rtprio {'unlimited' if priority == free else priority}, memlock {memory}"
    if (priority == free or priority >= PRIORITY) and (locked == free or locked >= LOCKED):
        return ok("priorities", found)
    return warning(
        "priorities",
        found,
        "beside a real arm: a group with `rtprio 99` and `memlock unlimited` in "
        "/etc/security/limits.d, and this user in it; then log in again (in a container: ulimits)",
    )
