"""The node that moves the arm: executes deltas within limits and publishes the arm's state."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from vjepa2_franka.command_services import CommandServices
from vjepa2_franka.commander import Commander
from vjepa2_franka.delta_server import DeltaServer
from vjepa2_franka.open_arm import open_arm
from vjepa2_franka.parameters import PARAMETERS, check
from vjepa2_franka.state_publisher import StatePublisher
from vjepa2_franka.state_watch import StateWatch
from vjepa2_node.commander_alive import CommanderWatch
from vjepa2_node.diagnostics import Health
from vjepa2_node.managed_node import ManagedNode
from vjepa2_node.run_nodes import run_nodes

WORKERS = 8
"""One moves the arm; the others refuse, stop and recover meanwhile."""


class FrankaBridge(ManagedNode):
    """Owns the arm: connected once configured, taking commands and publishing while active."""

    def __init__(self, **options: Any) -> None:
        super().__init__("franka_bridge", PARAMETERS, check, WORKERS, **options)
        self._commander = Commander(self)
        self._states = StatePublisher(self)
        self._watch: StateWatch | None = None
        deltas = DeltaServer(self, self._commander, self._states)
        CommandServices(self, self._commander)
        self._commanders = CommanderWatch(self, self.quick, deltas.commander_silent)

    def configure(self) -> None:
        arm = open_arm(self, self.parameters.values())
        arm.enabled = False
        self._commander.arm = arm

    def activate(self) -> None:
        arm = self._commander.arm
        assert arm is not None
        arm.resume()
        arm.enabled = True
        self._watch = StateWatch(
            arm.state,
            lambda: 1.0 / float(self.parameters["state_rate"]),
            self._states.seen,
            self._states.lost,
        )

    def deactivate(self) -> None:
        arm, watch = self._commander.arm, self._watch
        assert arm is not None and watch is not None
        arm.enabled = False
        arm.stop()
        watch.close()
        self._states.rests()

    def cleanup(self) -> None:
        arm, self._commander.arm = self._commander.arm, None
        if arm is not None:
            arm.close()

    def health(self) -> Health:
        commander, states = self._commander, self._states
        return Health(
            error=states.fault,
            warning=""
            if commander.arm is None or not commander.arm.halted
            else "stopped on request; call recover to go on",
            values={
                **states.values(),
                **commander.values(),
                "commanders": self._commanders.alive,
            },
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bridge until a signal ends it; returns the exit status."""
    return run_nodes(lambda: [FrankaBridge()], arguments)


if __name__ == "__main__":
    sys.exit(main())
