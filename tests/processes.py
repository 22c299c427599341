"""Which processes another one has started."""

from contextlib import suppress
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """Process ids of all that a process has started, and what those have."""
    children: list[int] = []
    # A thread, or the process itself, may end between being listed and being read.
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                children += map(int, (thread / "children").read_text().split())
    return [*children, *(grandchild for child in children for grandchild in descendants(child))]
