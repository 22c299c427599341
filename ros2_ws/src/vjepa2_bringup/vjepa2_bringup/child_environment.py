"""Environment and last rites of the processes that the runner starts."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def child_environment(
    base: Mapping[str, str], domain: int | None = None, log_folder: Path | None = None
) -> dict[str, str]:
    """`base` with what a node needs; `log_folder` gets the logs that ROS itself writes."""
    environment = dict(base)
    # The ROS wheels re-execute Python once to set the library path, and mark that by this
    # variable. A child that inherits the mark but not the path would not find its libraries.
    environment.pop("_ROS_WHEELS_BOOTSTRAP_COMPLETE", None)
    environment["PYTHONUNBUFFERED"] = "1"  # last words must not stay in a buffer
    if domain is not None:
        environment["ROS_DOMAIN_ID"] = str(domain)
    if log_folder is not None:
        environment["ROS_LOG_DIR"] = str(log_folder / "ros")
    return environment


def die_with_parent() -> Callable[[], None]:
    """What a child does between fork and exec so that it gets SIGTERM once its parent is gone.

    The kernel means the parent's thread: only a child of the main thread is safe.
    """
    parent = os.getpid()

    def prepare() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)
        # A shell starts its background jobs with SIGINT ignored, which children would inherit.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return prepare
