"""Every page of both shells: nothing serious for axe by day and by night, nothing refused by the CSP, nothing sideways.

Neither at a desk nor on a phone, nor cut off on paper.

The addresses are those of tests/access/table.py, so that a new page is judged from its first day.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from commissions.models import DraftLine
from tests.access.table import TABLE, Line
from tests.access.test_every_address import OURS
from tests.browser.conftest import House, grave

# One reader for each kind of page, the one who sees most first.
READERS = ["nora", "sina", "hanna", "carla", "petra", "ada", "finn", "guest"]
# Machines, and Django's own pages of the administration.
ELSEWHERE = ("api:", "admin:", "admin/", "accounts/email/", "health", "portal:brand")
# Files, and parts that htmx puts into a page.
NO_PAGES = {
    "commissions:download_version",
    "commissions:run_progress",
    "commissions:schedule_download",
    "sales:import_progress",
    "sales:import_report",
    "targets:delivery_report",
}
# Whoever is signed in is led on from these.
FOR_GUESTS = {
    "account_login", "account_signup", "account_reset_password", "account_reset_password_done", "account_inactive",
    "account_reset_password_from_key", "account_reset_password_from_key_done",
}  # fmt: skip
# Opened by nobody of the cast in the table's world; here a run is under review.
UNDER_REVIEW = {"commissions:draft_line": Line(["carla"])}


def reader_of(line: Line) -> str | None:
    return next((name for name in READERS if name in (line.get or ())), None)


PAGES = (
    UNDER_REVIEW
    | {
        name: line
        for name, line in TABLE.items()
        if not name.startswith(ELSEWHERE) and name not in NO_PAGES and reader_of(line)
    }
    | {"api:docs": TABLE["api:docs"]}
)


def address(name: str, world: SimpleNamespace) -> str:
    """The table speaks of its own few objects; here the channel's stand in for them."""
    if name == "commissions:draft_line":
        draft = DraftLine.objects.filter(run=world.provisional, order_id__isnull=False).first()
        assert draft
        return reverse(name, kwargs={"pk": world.provisional.pk, "line": draft.pk})
    line = TABLE[name]
    kwargs: dict[str, Any] = line.kwargs(world) if callable(line.kwargs) else line.kwargs
    return reverse(name, kwargs={key: world.named.get(value, value) for key, value in kwargs.items()})


# Amounts nobody can read: beyond the edge of the screen, and nothing around them can be moved.
CUT = """() => [...document.querySelectorAll("main .num, main dd, main .nowrap, main .fall .v")].filter((cell) => {
    const box = cell.getBoundingClientRect();
    if (!box.width || cell.closest(".sr") || (box.right <= innerWidth + 1 && box.left >= -1)) return false;
    for (let around = cell.parentElement; around; around = around.parentElement)
        if (/auto|scroll/.test(getComputedStyle(around).overflowX)) return false;
    return true;
}).map((cell) => cell.textContent.trim().slice(0, 40))"""
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"
DESK, PHONE, PAPER = 1440, 390, 680  # px; an A4 sheet between its margins is 180 mm wide
# Where money is read, nothing has to be moved to read it.
MONEY_PAGES = {
    "commissions:case", "commissions:orders", "commissions:reserve", "commissions:statement",
    "commissions:statement_lines", "commissions:statements", "portal:home",
}  # fmt: skip


def beyond_the_edge(page: Page, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": 844})
    found = [f"{page.url}: cut off at {width} px: {text}" for text in page.evaluate(CUT)]
    return found + ([f"{page.url}: scrolls sideways at {width} px"] if page.evaluate(SIDEWAYS) else [])


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_can_be_read_by_everybody_everywhere(name: str, house: House, world, page: Page, complaints) -> None:
    line = PAGES[name]
    reader = reader_of(line)
    assert reader
    # Objects of the table are Süd's.
    reader = "guest" if name in FOR_GUESTS else reader
    reader = "sina" if reader == "nora" and line.kwargs and "sina" in (line.get or ()) else reader
    path = address(name, world)
    if reader != "guest":
        house.let_in(page.context, reader)
    answer = page.goto(house.url + path)
    assert answer
    assert answer.status == 200
    if name == "api:docs":
        page.locator(".opblock").first.wait_for()  # drawn by a script; looked at before, it is an empty page
    found = grave(page)
    page.emulate_media(color_scheme="dark")
    found += grave(page, runOnly=["color-contrast"])
    page.emulate_media(media="print")
    found += beyond_the_edge(page, PAPER)
    page.emulate_media(media="screen")
    found += beyond_the_edge(page, DESK) + beyond_the_edge(page, PHONE)
    if name in MONEY_PAGES:
        moved = "[...document.querySelectorAll('.scroll')].some((box) => box.scrollWidth > box.clientWidth + 1)"
        assert not page.evaluate(moved), f"{page.url}: amounts beyond the edge of a table at 390 px"
    assert found == []


def test_no_page_is_left_out_of_the_walk() -> None:
    opened = {name for name in OURS if reader_of(TABLE[name])}
    walked = PAGES.keys() | NO_PAGES
    assert {name for name in opened - walked if not name.startswith(ELSEWHERE)} == set()
    assert set(OURS) >= NO_PAGES | FOR_GUESTS


def test_the_table_names_pages_of_both_shells() -> None:
    assert len(PAGES) >= 30
    assert {"portal:home", "commissions:statement", "commissions:case", "commissions:run"} <= PAGES.keys()


def test_long_german_words_push_nothing_beyond_the_edge(house: House, world, page: Page, complaints) -> None:
    """The widest list of the office, whose heads are four words each."""
    hanna = house.person("hanna")
    hanna.language = "de"
    hanna.save()
    house.let_in(page.context, "hanna")
    page.goto(house.url + reverse("commissions:run_statements", args=[world.provisional.pk]))
    assert "Stornoreserve" in page.locator("thead").inner_text()
    assert beyond_the_edge(page, DESK) + beyond_the_edge(page, PHONE) == []
    hanna.language = "en"
    hanna.save()


def test_an_opened_statement_reads_well_too(house: House, world, page: Page, complaints) -> None:
    house.let_in(page.context, "sina")
    line = world.statement.lines.filter(is_notice=False).first()
    key = f"{line.component_code}.{line.cause}"
    page.goto(f"{house.url}/statements/{world.statement.number}/?open={key}&line={line.pk}")
    assert page.locator("#why h3").inner_text().startswith("Why")
    assert grave(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(CUT) == []
    page.get_by_role("link", name="Back to the line").click()
    assert page.url.endswith(f"#l-{line.pk}")
