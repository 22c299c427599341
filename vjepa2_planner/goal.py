"""Goals given as images."""

from typing import Any

from numpy.typing import NDArray

from vjepa2_planner.observer import Camera
from vjepa2_planner.world_model import Latent, WorldModel


def encode_goal(world_model: WorldModel[Latent], image: NDArray[Any], camera: Camera) -> Latent:
    """The latent of a goal image [H, W, 3]; takes one look to compare it with the live view.

    Raises ValueError where the two differ in shape: energies between them would mean nothing.
    """
    live = camera.capture().image
    if image.shape != live.shape:
        raise ValueError(
            f"the goal image is {list(image.shape)} but the live view is {list(live.shape)}; "
            "take the goal with the camera and the resolution of the live view"
        )
    return world_model.encode(image[None])
