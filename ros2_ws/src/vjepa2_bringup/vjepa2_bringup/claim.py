"""Keeps two stacks of one host out of each other's way."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager


class ClaimedError(RuntimeError):
    """Another stack of this host has the same nodes."""


@contextmanager
def claim(namespace: str, parts: Sequence[str], domain: int | None = None) -> Iterator[None]:
    """Hold the node names of `parts` in a namespace; raises ClaimedError where another holds them.

    Without it the second of two stacks would lead the nodes of the first through their life
    cycle, since both have the same names. domain: ROS_DOMAIN_ID, by default the environment's.
    """
    number = domain if domain is not None else int(os.environ.get("ROS_DOMAIN_ID") or 0)
    with ExitStack() as held:
        for part in sorted(parts):
            # An abstract socket: it is free again however its holder ends.
            holder = held.enter_context(socket.socket(socket.AF_UNIX))
            try:
                holder.bind(f"\0vjepa2 stack {number} {namespace or '/'} {part}")
            except OSError as error:
                raise ClaimedError(
                    f"another stack runs here in namespace {namespace or '/'} of domain {number}; "
                    "end it, or give this one a namespace or a ROS_DOMAIN_ID of its own"
                ) from error
        yield
