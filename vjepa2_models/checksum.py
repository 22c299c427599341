"""SHA-256 of files, and its record in the format of `sha256sum`."""

import hashlib
from pathlib import Path


class ChecksumError(ValueError):
    """A file that isn't what was expected; the message names the remedy."""


def sha256_of(path: Path) -> str:
    """Of a file's content, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def accept(path: Path, target: Path, record: Path, expected: str | None) -> None:
    """Takes a download for good: `path` becomes `target`, its checksum is recorded.

    Args:
        path: what has arrived.
        target: the name that it gets; may be `path` itself.
        record: file that keeps the checksum, also when the target is gone.
        expected: 64 hexadecimal digits; None takes the record, and without one any content.

    Raises:
        ChecksumError: on another content, which is then called `<target>.refused`.
    """
    recorded = record.read_text().split()[0] if record.is_file() else None
    wanted = expected.lower() if expected else recorded
    found = sha256_of(path)
    if wanted is not None and found != wanted:
        refused = path.replace(target.with_name(target.name + ".refused"))
        reason = "" if expected else f", as recorded in {record} at the first download"
        raise ChecksumError(
            f"{target.name}: SHA-256 is {found}, expected {wanted}{reason}. The content is kept "
            f"as {refused}: delete it, or rename it to {target.name} if you trust it after all"
        )
    path.replace(target)
    record.write_text(f"{found}  {target.name}\n")
