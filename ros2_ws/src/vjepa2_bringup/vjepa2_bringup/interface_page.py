"""The page of messages, services, actions and codes:
`python -m vjepa2_bringup.interface_page > docs/interfaces.md`, in a source tree.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

MESSAGES = Path(__file__).resolve().parents[2] / "vjepa2_msgs"
KINDS = {"action": "Actions", "srv": "Services", "msg": "Messages and codes"}
INTRODUCTION = """# Interfaces

Written by `python -m vjepa2_bringup.interface_page` from the files of `vjepa2_msgs`. In services
and actions `---` parts request, response, and an action's feedback. Which node offers what under
which name: [ros.md](ros.md).
"""


def interface_page() -> str:
    """Markdown: a section for each kind, in it each interface with its own comments."""
    parts = [INTRODUCTION]
    for kind, title in KINDS.items():
        parts += [f"## {title}\n", *map(_section, interface_files(kind))]
    return "\n".join(parts)


def interface_files(kind: str) -> list[Path]:
    """Those of a kind: action, srv or msg."""
    return sorted((MESSAGES / kind).glob(f"*.{kind}"))


def undocumented(file: Path) -> Iterator[str]:
    """What an interface leaves unsaid: its purpose, or what one of its numbers means."""
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0].startswith("# "):
        yield f"{file.name}: the first line says what it is for"
    for line in lines:
        text, _, comment = line.partition("#")
        words = text.split()
        # A number has a unit or a meaning, which its name alone seldom tells.
        bare = len(words) == 2 and words[0].startswith("float") and not comment.strip()
        if bare and not _told_above(lines, line):
            yield f"{file.name}: {words[1]} has no unit and no meaning"


def _told_above(lines: list[str], line: str) -> bool:
    """Whether a comment stands over the block of lines that this one is in."""
    block = lines[: lines.index(line)]
    while block and block[-1].strip() and not block[-1].startswith("#"):
        block.pop()
    return bool(block) and block[-1].startswith("#")


def _section(file: Path) -> str:
    return f"### {file.stem}\n\n```\n{file.read_text(encoding='utf-8').rstrip()}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(interface_page())
