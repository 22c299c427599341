"""Rotations of the x-y plane, as they act on row vectors.

The sign convention of the whole package: a positive angle turns counter-clockwise seen from above
(about +z, from x towards y), and a row vector is turned by multiplying the matrix from its right.
"""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def turn(degrees: float) -> Matrix:
    """The matrix [2, 2] for which ``row @ turn(degrees)`` is the row turned by ``degrees``."""
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, sine], [-sine, cosine]])


def angle_deg(rotation: Matrix) -> float:
    """By how many degrees a rotation [2, 2] turns row vectors, over -180 up to 180."""
    return float(np.degrees(np.arctan2(rotation[0, 1], rotation[0, 0])))


def nearest_rotation(matrix: Matrix) -> Matrix:
    """The rotation U Vᵀ of a matrix U S Vᵀ [2, 2], never a reflection (paper, appendix B.4).

    Where U Vᵀ has the determinant -1, the last singular vector is flipped.
    """
    left, _, right = np.linalg.svd(matrix)
    if np.linalg.det(left @ right) < 0:
        left[:, -1] *= -1
    rotation: Matrix = left @ right
    return rotation


def checked_rotation(matrix: NDArray[np.float64]) -> Matrix:
    """``matrix`` where it is a rotation [2, 2]; ValueError for anything else."""
    matrix = np.asarray(matrix, dtype=np.float64)
    if matrix.shape != (2, 2) or not np.isfinite(matrix).all():
        raise ValueError(f"a rotation is 2 x 2 finite numbers, not {matrix.tolist()}")
    if not np.allclose(matrix @ matrix.T, np.eye(2), atol=1e-5) or np.linalg.det(matrix) < 0:
        raise ValueError(f"{matrix.tolist()} is no rotation of the plane")
    return matrix
