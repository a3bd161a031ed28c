"""From the first page one comes to every page, and no link leads nowhere."""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
import requests

from collector.web.pages import PAGES

_EACH = 3
"""So many pages of each kind are opened."""


def _kind(site: str, address: str) -> str:
    """``indicator`` of ``/indicator/urgent?period=month``."""
    return urlsplit(address.removeprefix(site)).path.split("/")[1]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_is_reached_and_every_link_opens(site: str, language: str) -> None:
    found: dict[str, str] = {}
    ahead, looked = deque([f"{site}/?lang={language}"]), dict[str, int]()
    seen = set(ahead)
    while ahead:
        address = ahead.popleft()
        kind = _kind(site, address)
        if looked.get(kind, 0) >= _EACH:
            continue
        answer = requests.get(address, timeout=60)
        assert answer.status_code == 200, address
        if "html" not in answer.headers["content-type"]:
            continue
        looked[kind] = looked.get(kind, 0) + 1
        found[address] = answer.text
        assert f'<html lang="{language}"' in answer.text, address
        for link in re.findall(r'<a [^>]*href="([^"]*)"[^>]*>', answer.text):
            to, _ = urldefrag(urljoin(address, unescape(link)))
            is_other_language = f"lang={language}" not in to and "lang=" in to
            own = to.startswith(site) and "/months/2020-06/" not in to  # not its documents
            if own and not is_other_language and to not in seen:
                seen.add(to)
                ahead.append(to)
    reached = {_kind(site, address) or "" for address in found}
    assert reached >= {each.PATH.split("/")[1] for each in PAGES}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_place_within_a_page_that_is_linked_to_is_there(site: str, language: str) -> None:
    asked = f"{site}/indicator/urgent?period=2020-06&record=desk/late&lang={language}"
    for start in (asked, f"{site}/open?lang={language}"):
        text = requests.get(start, timeout=60).text
        places = [unescape(each) for each in re.findall(r'href="([^"]*#[^"]*)"', text)]
        assert places
        for link in places[:8]:
            to, place = urldefrag(urljoin(start, link))
            assert f'id="{place}"' in requests.get(to, timeout=60).text, link


def test_a_figure_and_what_if_lead_to_each_other(site: str) -> None:
    def link(start: str, to: str) -> str:
        text = requests.get(start, timeout=60).text
        found = re.search(rf'href="([^"]*{to}[^"]*)"', text.split("<main")[1])
        assert found, start
        return urljoin(start, unescape(found[1]))

    figure = f"{site}/indicator/normal?period=2020-06"
    what_if = link(figure, "what-if")
    assert what_if == f"{site}/what-if?indicator=normal&month=2020-06"
    assert link(what_if, "indicator/") == figure
    last = link(f"{site}/indicator/normal?period=year_to_date", "what-if")
    assert last == f"{site}/what-if?indicator=normal"
    now = link(f"{site}/indicator/normal?period=month", "what-if")
    assert now == f"{site}/what-if?indicator=normal&month=2020-07"
    assert requests.get(now, timeout=60).status_code == 200
    given = requests.get(f"{site}/indicator/costs?period=year_to_date", timeout=60).text
    assert "what-if?indicator=costs" not in given
