"""How commands end: a status, and one clear line instead of a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

FAULT = 2
INTERRUPTED = 130


def exit_status(
    command: Callable[[Sequence[str]], int | None], arguments: Sequence[str] | None = None
) -> int:
    """Status of `command(arguments)`, by default those of the process.

    An exception is one line on stderr and FAULT; with `--debug` among the arguments it is raised.
    Ctrl-C is INTERRUPTED.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        return command([argument for argument in given if argument != "--debug"]) or 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as fault:
        if debug:
            raise
        reason = " ".join(str(fault).split()) or type(fault).__name__
        print(f"error: {reason} (--debug shows where)", file=sys.stderr)
        return FAULT
