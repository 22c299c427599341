"""One direct driver and camera for all tests: building the scene takes a second."""

import vjepa2_sim  # noqa: F401, I001  before MuJoCo, whose renderer it chooses
import pytest

from vjepa2_sim.camera import Camera
from vjepa2_sim.direct import DirectDriver

SIZE = 128


@pytest.fixture(scope="session")
def session_driver():
    """A direct driver, wherever its arm stands."""
    return DirectDriver()


@pytest.fixture
def driver(session_driver):
    """A direct driver with the arm at home."""
    session_driver.home()
    return session_driver


@pytest.fixture(scope="session")
def camera(session_driver):
    """A camera on the direct driver's scene."""
    camera = Camera(session_driver.model, SIZE)
    yield camera
    camera.close()
