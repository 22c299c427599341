"""Links and anchors of all pages lead somewhere."""

from __future__ import annotations

import pytest

from tests.docs.pages import ROOT, Found, anchors, links

LINKS = list(links())


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_a_link_resolves(link: Found) -> None:
    """The file is in the repository, and has the heading. Addresses of the web are not asked."""
    if link.text.startswith(("https://", "http://")):
        return
    path, _, anchor = link.text.partition("#")
    target = (link.page.parent / path).resolve() if path else link.page
    assert target.is_relative_to(ROOT), link
    assert target.exists(), link
    if anchor:
        assert anchor in anchors(target), link


def test_links_are_found() -> None:
    """The tests above would pass on none."""
    assert len(LINKS) > 40
