"""The address at which the simulated robot is served."""

import os

import pytest

from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_sim.client import SimulatedTable, SimulationError

ADDRESS = f"127.{150 + os.getpid() % 50}.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"


def test_franky_connects_at_the_address_given_and_nobody_else_can_have_it():
    """A second simulation there is an error that names it and a way out."""
    with SimulatedTable(hostname=ADDRESS) as table:
        assert table.hostname == ADDRESS
        arm = FrankyArm(ADDRESS)
        try:
            assert arm.execute([0, 0, 0.01, 0, 0, 0, 0]).code.ok
        finally:
            arm.close()
        refused = pytest.raises(SimulationError, match=f"{ADDRESS}: another.*use another loopback")
        with refused, SimulatedTable(hostname=ADDRESS):
            pass
        assert table.capture(16).image.shape == (16, 16, 3)


@pytest.mark.parametrize("address", ["203.0.113.7", "no such name"])
def test_an_address_of_another_computer_is_refused(address):
    """So is one that is none."""
    refused = pytest.raises(SimulationError, match=f"{address}: .*no address of this computer")
    with refused, SimulatedTable(hostname=address):
        pass
