"""What the container files say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("planning", "robot")


@pytest.fixture(params=PARTS)
def part(request: pytest.FixtureRequest) -> str:
    """Each host in turn."""
    return str(request.param)


@pytest.fixture
def dockerfile(part: str) -> Path:
    """That of the host."""
    return ROOT / "docker" / f"{part}.Dockerfile"


def apt_packages(dockerfile: Path) -> list[set[str]]:
    """What apt installs, stage by stage."""
    text = dockerfile.read_text().replace("\\\n", " ")
    lists = re.findall(r"apt-get install -y --no-install-recommends ([^&]+)&&", text)
    return [set(words.split()) for words in lists]
