"""A managed node that writes its life into a file, and misbehaves when told to."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.parameters import Parameter

PARAMETERS = (
    Parameter("journal", "", "file that each step is appended to"),
    Parameter("greeting", "", "written down when configured"),
    Parameter("refuses", "", "step that fails: NODE STEP"),
    Parameter("dies_in", "", "step that ends the process: NODE STEP"),
    Parameter("deaf", False, "ignores SIGINT and SIGTERM"),
)


class Toy(ManagedNode):
    """Named by the test; see PARAMETERS."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, PARAMETERS, **options)
        self._holds = False
        if self.parameters["deaf"]:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)

    def configure(self) -> None:
        self._step("configure")
        self._write(self.parameters["greeting"])
        self._holds = True

    def activate(self) -> None:
        self._step("activate")

    def deactivate(self) -> None:
        self._step("deactivate")

    def cleanup(self) -> None:
        if self._holds:
            self._holds = False
            self._step("cleanup")

    def _step(self, step: str) -> None:
        step = f"{self.get_name()} {step}"
        if self.parameters["refuses"] == step:
            raise RuntimeError("no screwdriver at hand")
        if self.parameters["dies_in"] == step:
            self.get_logger().fatal("tell my mother")
            os._exit(7)
        self._write(step)

    def _write(self, line: str) -> None:
        if line and self.parameters["journal"]:
            with Path(self.parameters["journal"]).open("a") as journal:
                journal.write(f"{line}\n")
