"""A page of what bad input came to, and a process that may die of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.child import Child
from tests.fuzz.page import Page

PAGE = "VJEPA2_FUZZ_PAGE"
"""Environment variable with the path that the page is written to."""


@pytest.fixture(scope="session")
def page() -> Iterator[Page]:
    """Takes the tallies, and is written where that is asked for."""
    page = Page()
    yield page
    if path := os.environ.get(PAGE):
        page.write(Path(path))


@pytest.fixture(scope="session")
def child() -> Iterator[Child]:
    """Reads files, in a process of its own."""
    child = Child()
    yield child
    child.end()


@pytest.fixture(scope="session")
def node_child() -> Iterator[Child]:
    """The same for nodes, without a limit of its memory."""
    child = Child(room=None)
    yield child
    child.end()
