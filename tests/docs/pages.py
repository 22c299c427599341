"""The pages that people read, and what stands in their fenced blocks and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Found:
    """A piece of a page; as text it says where it stands."""

    page: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}: {self.text.strip()[:90]}"


def fenced(language: str) -> Iterator[Found]:
    """The content of each block of a language, in all pages."""
    for page in PAGES:
        content = page.read_text()
        for block in _FENCE.finditer(content):
            if block[2] == language:
                yield Found(page, content.count("\n", 0, block.start(3)) + 1, block[3])


def links() -> Iterator[Found]:
    """The target of each link and picture, in all pages."""
    for page in PAGES:
        for number, line in enumerate(_without_blocks(page).splitlines(), 1):
            for target in _LINK.findall(line):
                yield Found(page, number, target)


def anchors(page: Path) -> set[str]:
    """What `#...` may be in a link to a page, by GitHub's rule."""
    seen: dict[str, int] = {}
    for heading in _HEADING.findall(_without_blocks(page)):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = seen[slug] = seen.get(slug, -1) + 1
        if count:
            seen[f"{slug}-{count}"] = 0
    return set(seen)


def _without_blocks(page: Path) -> str:
    """Its text, each line of a fenced block being empty."""
    return _FENCE.sub(lambda block: "\n" * block[0].count("\n"), page.read_text())
