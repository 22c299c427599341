"""`vjepa2 doctor`: what this host has and lacks, and what to do about it."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console

from vjepa2.doctor.check_table import CHECKS, Check
from vjepa2.doctor.examination import examine
from vjepa2.doctor.finding import Finding, State
from vjepa2.doctor.host import PARTS, Host
from vjepa2.doctor.report import show

EXAMPLES = """examples:
  vjepa2 doctor                                            for a simulated arm
  vjepa2 doctor --robot 172.16.0.2 --camera /dev/video0    beside a real one
  vjepa2 doctor --part planning --world-model vitg.safetensors
  vjepa2 doctor --only camera --camera realsense --json

Nothing is changed and nothing moves. An arm has room for one client: end `vjepa2 up` first.
Exit status: 0 nothing necessary is missing, 1 something is.
"""
SOMETHING_MISSING = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    host = Host(options.part, options.robot, options.camera, options.world_model)
    wanted = [check for check in CHECKS if check.name in (options.only or _names(CHECKS))]
    checks = [check for check in wanted if check.is_for(host) and check.is_asked(host)]
    unasked = [check for check in wanted if check.is_for(host) and not check.is_asked(host)]
    if options.json:
        findings = examine(checks, host)
        told = {"findings": [asdict(f) for f in findings], "not_looked_at": _names(unasked)}
        print(json.dumps(told, indent=1))
    else:
        findings = _examine_visibly(checks, host)
        show(findings, _names(unasked), Console())
    lacking = any(finding.state is State.MISSING for finding in findings)
    return SOMETHING_MISSING if lacking else 0


def _examine_visibly(checks: Sequence[Check], host: Host) -> list[Finding]:
    waiting = _names(checks)
    lock = threading.Lock()
    with Console(stderr=True).status("looking at " + ", ".join(waiting)) as status:

        def ended(finding: Finding) -> None:
            with lock:
                waiting.remove(finding.name)
                status.update("looking at " + ", ".join(waiting))

        return examine(checks, host, ended)


def _names(checks: Sequence[Check]) -> list[str]:
    return [check.name for check in checks]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vjepa2 doctor",
        description="What this host has and lacks for the stack, each with the remedy.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--part",
        choices=PARTS,
        default="all",
        help="what is to run here: all, robot (no torch) or planning (no arm) (%(default)s)",
    )
    parser.add_argument("--robot", default="", metavar="ADDRESS", help="of a real arm, or another")
    parser.add_argument(
        "--camera", default="", metavar="DEVICE", help="its index, or a video file"
    )
    parser.add_argument(
        "--world-model", default="bundled", metavar="MODEL", help="bundled, or a checkpoint"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=_names(CHECKS),
        metavar="CHECK",
        help="this check; may be repeated: " + ", ".join(_names(CHECKS)),
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser
