"""Latents stay in the process that computed them; others hold an id."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class LatentId:
    """Names what a :class:`LatentStore` keeps.

    session: of the store, never 0, so that no id outlives what it names. number: from 1.
    """

    session: int
    number: int

    def __str__(self) -> str:
        return f"{self.session:016x}/{self.number}"


class UnknownLatentError(LookupError):
    """An id names nothing that is kept; the message says why and what to do."""


class LatentStore(Generic[Kept]):
    """Keeps the `capacity` latents that were used last. Safe to use from any thread."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1 latent, got {capacity}")
        self.capacity = capacity
        self.session = 1 + secrets.randbelow(2**64 - 1)
        self._kept: OrderedDict[int, Kept] = OrderedDict()
        self._given_out = 0
        self._lock = threading.Lock()

    def put(self, latent: Kept) -> LatentId:
        """Keep a latent; the one that was not used for the longest time may have to go."""
        with self._lock:
            self._given_out += 1
            self._kept[self._given_out] = latent
            if len(self._kept) > self.capacity:
                self._kept.popitem(last=False)
            return LatentId(self.session, self._given_out)

    def get(self, latent: LatentId) -> Kept:
        """What `latent` names, now the one used last. Raises UnknownLatentError."""
        with self._lock:
            if latent.session == self.session and latent.number in self._kept:
                self._kept.move_to_end(latent.number)
                return self._kept[latent.number]
        raise UnknownLatentError(f"latent {latent} {self._why_unknown(latent)}")

    def _why_unknown(self, latent: LatentId) -> str:
        if latent.session != self.session:
            return "is of an earlier session of the world model: encode its image again"
        if not 1 <= latent.number <= self._given_out:
            return "was never given out: use an id that the world model returned"
        return (
            f"was let go, as {self.capacity} others were used since: encode its image again, "
            "or raise the world model's parameter latents"
        )
