"""Commands in the shell blocks of pages, cut into words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tests.docs.pages import Found, fenced

PLACEHOLDERS = {"DEG": "1", "PORT": "8080"}
"""Words that stand for a number, and one."""


@dataclass(frozen=True)
class Command:
    """A command with its words, and where it stands."""

    where: Found
    words: tuple[str, ...]

    def __str__(self) -> str:
        return str(self.where)


def commands() -> list[Command]:
    """Each command of each shell block."""
    return [command for block in fenced("sh") for command in _of(block)]


def after(command: Command, *programs: str) -> tuple[str, ...] | None:
    """The words after the first that is one of these programs, whatever folder it lies in."""
    for index, word in enumerate(command.words):
        if word.rpartition("/")[2] in programs:
            return command.words[index + 1 :]
    return None


def _of(block: Found) -> Iterator[Command]:
    # Continued lines count as the first, so that the others are empty.
    joined = re.sub(r"\\\n *", " ", block.text)
    for line in joined.splitlines():
        # <time> is a placeholder, no redirection.
        lexer = shlex.shlex(re.sub(r"<(\w+)>", r"\1", line), posix=True, punctuation_chars=True)
        lexer.wordchars += ":@#$%^+,{}[]"
        lexer.whitespace_split = True
        where = Found(block.page, block.line, line)
        words: list[str] = []
        for word in lexer:
            if set(word) <= set("&|;<>()"):
                yield from _command(where, words)
                words = []
            else:
                words.append(PLACEHOLDERS.get(word, word))
        yield from _command(where, words)


def _command(where: Found, words: list[str]) -> Iterator[Command]:
    if words:
        yield Command(where, tuple(words))
