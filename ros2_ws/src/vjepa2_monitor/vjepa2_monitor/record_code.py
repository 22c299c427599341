"""Why something is not recorded."""

from __future__ import annotations

import errno
from enum import IntEnum


class RecordCode(IntEnum):
    """Stands before the sentence in the recorder's diagnostics; from 10 on, nothing is written."""

    OK = 0
    QUEUE_FULL = 1  # the disk is too slow: some messages were dropped

    FOLDER_UNWRITABLE = 10
    DISK_LOW = 11  # less is free than is to be kept free
    DISK_FULL = 12
    FOLDER_FULL = 13  # all recordings together have reached their limit
    RUN_FULL = 14  # this recording has reached its limit; what it holds is whole
    WRITE_FAILED = 15  # an error that has no code of its own


class RecordError(RuntimeError):
    """Recording cannot go on; a code and a sentence with the remedy."""

    def __init__(self, code: RecordCode, message: str) -> None:
        super().__init__(message)
        self.code = code


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


def as_record_error(error: Exception, where: object) -> RecordError:
    """The code of what went wrong while writing to `where`."""
    if isinstance(error, RecordError):
        return error
    number = error.errno if isinstance(error, OSError) else None
    if number in FULL:
        return RecordError(
            RecordCode.DISK_FULL, f"no space is left for {where}: free some, or record elsewhere"
        )
    if number in UNWRITABLE:
        return RecordError(
            RecordCode.FOLDER_UNWRITABLE,
            f"{where} cannot be written to ({error}): record into another folder",
        )
    reason = str(error) or type(error).__name__
    return RecordError(RecordCode.WRITE_FAILED, f"{where} cannot be written: {reason}")
