"""Faults of other processes, switched on and off by files in a folder that they share."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

FOLDER = "VJEPA2_FAULT_SWITCHES"
"""Environment variable with the folder."""
LOOK = 0.005
"""Seconds between two looks."""


@dataclass(frozen=True)
class Switches:
    """Each is a file, which is there while it is on."""

    folder: Path

    @classmethod
    def of_environment(cls) -> Switches:
        """Those that the test has given this process."""
        return cls(Path(os.environ[FOLDER]))

    def on(self, name: str) -> None:
        """Switch on."""
        (self.folder / name).touch()

    def off(self, name: str) -> None:
        """Switch off."""
        (self.folder / name).unlink(missing_ok=True)

    def all_off(self) -> None:
        """Switch all off."""
        for path in self.folder.iterdir():
            path.unlink()

    def is_on(self, name: str) -> bool:
        """Whether it is on."""
        return (self.folder / name).exists()

    def until(self, name: str, state: bool = True, timeout: float = 30.0) -> None:
        """Return once it is on, or off; TimeoutError where that does not happen in time."""
        deadline = time.monotonic() + timeout
        while self.is_on(name) is not state:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} did not change within {timeout:g} s")
            time.sleep(LOOK)
