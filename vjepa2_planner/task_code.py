"""How a task ended, or why it did not start."""

from enum import IntEnum


class TaskCode(IntEnum):
    """Numeric codes, stable: they go into messages."""

    OK = 0
    ABORTED = 1
    SKIPPED = 2

    STALLED = 10
    PURSUIT_FAILED = 11
    PLANNER_LOST = 12
    WORLD_MODEL_LOST = 13
    FAILED = 14

    BUSY = 30
    NO_TASK = 31
    BAD_TASK = 32
    NO_IMAGE = 33
    CAMERA_SLOW = 34
    CAMERA_STALE = 35
    GOAL_SIZE = 36
    GOAL_EXPOSURE = 37
    ROBOT_NOT_READY = 38
    NOT_PAUSED = 39
    INACTIVE = 40
    CANNOT_WRITE = 41

    UNKNOWN = 255
