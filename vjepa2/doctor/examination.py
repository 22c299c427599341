"""Runs checks, each in a process of its own: none can hang, crash or mislead another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from vjepa2.doctor.check_table import Check
from vjepa2.doctor.finding import Finding, State, missing
from vjepa2.doctor.host import Host


def examine(
    checks: Sequence[Check], host: Host, on_end: Callable[[Finding], object] = lambda _: None
) -> list[Finding]:
    """The findings of all checks, in their order; a few run at a time.

    on_end: is given each as soon as it is there, from other threads.
    """

    def run(check: Check) -> Finding:
        finding = run_check(check, host)
        on_end(finding)
        return finding

    with ThreadPoolExecutor(min(len(checks), os.cpu_count() or 1) or 1) as pool:
        return list(pool.map(run, checks))


def run_check(check: Check, host: Host) -> Finding:
    """The finding of one check; its failure and its time-out are findings, too."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "vjepa2.doctor.one_check", check.module],
            input=json.dumps(asdict(host)),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=check.timeout,
        )
    except subprocess.TimeoutExpired:
        return missing(
            check.name,
            f"no answer within {check.timeout:g} s",
            "see whether a device or a network that it looks at hangs, or the host is overloaded",
        )
    if ended.returncode == 0:
        found = json.loads(ended.stdout)
        return Finding(check.name, State(found["state"]), found["found"], found["remedy"])
    return missing(
        check.name,
        f"the check itself failed: {_reason(ended)}",
        f"`python -m vjepa2.doctor.one_check {check.module} <<< '{{}}'` shows where",
    )


def _reason(ended: subprocess.CompletedProcess[str]) -> str:
    if ended.returncode < 0:
        return f"ended by {signal.Signals(-ended.returncode).name}"
    lines = ended.stderr.strip().splitlines()
    return lines[-1] if lines else f"it ended with status {ended.returncode}"
