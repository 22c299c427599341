"""How a calibration ended, or why it did not start."""

from enum import IntEnum


class CalibrationCode(IntEnum):
    """Numeric codes, stable: they go into messages."""

    OK = 0
    FAILED_THRESHOLD = 1

    INACTIVE = 11
    BUSY = 12
    CANCELLED = 13
    TOO_FEW_PAIRS = 14
    MOTION_FAILED = 15
    WRONG_CAMERA = 16
    CANNOT_READ = 17
    CANNOT_WRITE = 18
    BAD_REQUEST = 19
    CAMERA_SILENT = 20
    ARM_SILENT = 21
    WORLD_MODEL_LOST = 22
    DEGENERATE = 23
    NOTHING_TO_SAVE = 24
    FAILED = 25

    UNKNOWN = 255


class CalibrationError(ValueError):
    """No calibration came of it; ``code`` says why, the message what to do."""

    def __init__(self, code: CalibrationCode, message: str) -> None:
        super().__init__(message)
        self.code = code
