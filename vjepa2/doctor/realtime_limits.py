"""Whether this user's programs may run before all others, and keep their memory."""

from __future__ import annotations

import os
import resource

from vjepa2.doctor.finding import Finding, lacking, ok
from vjepa2.doctor.host import Host

LOCKED = 100 * 2**20
"""What franky's documentation asks for [bytes]."""


def check(host: Host) -> Finding:
    """By trying, as libfranka does when `realtime` is set, and by the limit of locked memory."""
    locked = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    return judge(_may_run_first(), locked, host.has_real_arm)


def judge(may_run_first: bool, locked: int, real_arm: bool) -> Finding:
    """locked: limit of locked memory [bytes]; RLIM_INFINITY is none."""
    unlimited = locked == resource.RLIM_INFINITY
    found = (
        f"the highest priority is {'' if may_run_first else 'not '}allowed, memlock "
        f"{'unlimited' if unlimited else f'{locked / 2**20:.0f} MiB'}"
    )
    if may_run_first and (unlimited or locked >= LOCKED):
        return ok("priorities", found)
    return lacking(
        "priorities",
        found,
        "beside a real arm: a group with `rtprio 99` and `memlock unlimited` in "
        "/etc/security/limits.d, and this user in it; then log in again (in a container: ulimits)",
        needed=real_arm,
    )


def _may_run_first() -> bool:
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    highest = os.sched_param(os.sched_get_priority_max(os.SCHED_FIFO))
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, highest)
    except PermissionError:
        return False
    os.sched_setscheduler(0, *before)
    return True
