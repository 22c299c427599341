"""How bright an image is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
BLACK_UP_TO = 8
SATURATED_FROM = 250


@dataclass(frozen=True)
class Exposure:
    """Mean brightness from 0 to 255; shares of pixels, 0 to 1, without any detail left."""

    brightness: float
    black: float
    saturated: float

    def ratio(self, other: "Exposure") -> float:
        """How many times the brighter of the two is as bright as the other; at least 1."""
        darker, brighter = sorted((self.brightness, other.brightness))
        # Below a level of 1 there is nothing but noise.
        return max(brighter, 1.0) / max(darker, 1.0)


def exposure(image: NDArray[np.uint8]) -> Exposure:
    """Exposure of an RGB image [H, W, 3]."""
    luma = image @ LUMA
    return Exposure(
        float(luma.mean()),
        float((luma <= BLACK_UP_TO).mean()),
        float((luma >= SATURATED_FROM).mean()),
    )
