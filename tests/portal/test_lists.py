"""Every list of the house: visible rows, filter, sort, totals, pages, CSV, constant queries."""

import csv
import io
from decimal import Decimal
from types import SimpleNamespace

import django_filters
import pytest
from django.db.models import Count, Sum
from django.test import RequestFactory
from django.utils.translation import override

from core import columns
from core.export import cell, csv_lines
from core.lists import ListView
from partners.models import Partner, User


class PartnerTable(columns.Table):
    number = columns.Column(verbose_name="Number")
    legal_name = columns.Column(verbose_name="Name")
    status = columns.BadgeColumn(Partner.Status, verbose_name="Status")
    kind = columns.Column(verbose_name="Kind", exclude_from_export=True)
    outlets = columns.NumberColumn(accessor="outlets_count", verbose_name="Outlets")


class PartnerFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(field_name="legal_name", lookup_expr="icontains", label="Search")

    class Meta:
        model = Partner
        fields = ["status"]


class PartnerList(ListView):
    model = Partner
    table_class = PartnerTable
    filterset_class = PartnerFilter
    layout = "layouts/office.html"
    title = "Partners"
    totals = {"outlets": Sum("outlets_count")}
    empty_title = "No partners yet"
    table_pagination = {"per_page": 10}

    def get_queryset(self):
        return super().get_queryset().annotate(outlets_count=Count("outlets"))


class PlainList(PartnerList):
    totals = {}


@pytest.fixture
def controller(db) -> User:
    return User.objects.create_user("carla@example.test", name="Carla", role="commission_controller", language="en")


@pytest.fixture
def partners(db) -> list[Partner]:
    return [
        Partner.objects.create(
            number=f"P-{n:04}", kind="agency", legal_name=f"Beispiel {n:02}", status="active" if n % 2 else "suspended"
        )
        for n in range(25)
    ]


@pytest.fixture
def ask(controller, rf: RequestFactory):
    def get(query: str = "", user: User = controller, view=PartnerList, **headers: str):
        request = rf.get(f"/list/{query}", headers=headers)
        request.user, request.htmx = user, _htmx(headers)
        request.viewing_as, request.partner, request.member_role = None, None, ""
        response = view.as_view()(request)
        if not response.streaming:
            response.render()
        return response

    with override("en"):
        yield get


def _htmx(headers: dict[str, str]):
    if headers.get("HX-Request") != "true":
        return None
    return SimpleNamespace(
        boosted=False,
        target=headers.get("HX-Target"),
        history_restore_request=headers.get("HX-History-Restore-Request") == "true",
    )


def read_csv(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","))


def test_a_list_shows_only_what_the_user_may_see(ask, partners):
    stranger = User.objects.create_user("rita@example.test", name="Rita", role="partner")
    assert "P-0001" in ask().text
    assert "P-0001" not in ask(user=stranger).text


def test_a_page_link_keeps_filter_and_sort(ask, partners):
    html = ask("?status=active&sort=-legal_name").text
    assert "?status=active&amp;sort=-legal_name&amp;page=2" in html


def test_sorting_goes_through_all_pages_not_only_this_one(ask, partners):
    html = ask("?sort=-legal_name").text
    assert "Beispiel 24" in html
    assert "Beispiel 00" not in html
    assert 'aria-sort="descending"' in html


def test_links_that_sort_say_so_where_no_head_of_a_table_is_seen(ask, partners):
    html = ask().text
    assert 'data-sort="Sort by"' in html
    assert '<p id="sorts" hidden>sorts the list</p>' in html
    assert html.count('aria-describedby="sorts"') == html.count('id="sort-') > 0


def test_a_page_that_does_not_exist_shows_the_last(ask, partners):
    assert "Beispiel 24" in ask("?page=99").text


def test_nobody_asks_for_a_million_rows_in_one_page(ask, partners):
    assert ask("?per_page=1000000").context_data["table"].paginator.per_page == columns.MAX_PER_PAGE


def test_totals_are_over_everything_filtered_not_over_the_page(ask, partners):
    for partner in partners:
        partner.outlets.create(name="Mitte")
    table = ask("?status=active").context_data["table"]
    assert table.totals == {"outlets": 12}  # 12 odd numbers below 25


def test_an_empty_list_says_what_will_appear(ask, controller):
    assert "No partners yet" in ask().text


def test_a_filter_without_hits_offers_the_way_back(ask, partners):
    html = ask("?q=Nirgendwo").text
    assert "Nothing matches this filter" in html
    assert 'href="/list/"' in html


def test_htmx_gets_the_list_alone_and_everybody_else_the_page(ask, partners):
    part = ask("?status=active", **{"HX-Request": "true", "HX-Target": "list"})
    assert part.text.lstrip().startswith('<div id="list"')
    assert "<html" in ask("?status=active").text
    back = ask("?status=active", **{"HX-Request": "true", "HX-Target": "list", "HX-History-Restore-Request": "true"})
    assert "<html" in back.text
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize(("view", "expected"), [(PartnerList, 3), (PlainList, 2)])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    ask, partners, view, expected, django_assert_num_queries, controller
):
    ask(view=view)  # warm: content types, permissions
    with django_assert_num_queries(expected):  # count, page, totals
        ask("?per_page=5", view=view, **{"HX-Request": "true", "HX-Target": "list"})
    with django_assert_num_queries(expected):
        ask("?per_page=25", view=view, **{"HX-Request": "true", "HX-Target": "list"})


def test_csv_holds_exactly_what_is_filtered_in_the_order_shown(ask, partners):
    response = ask("?status=active&sort=-legal_name&export=csv&page=2")
    header, *rows = read_csv(response)
    assert header == ["Number", "Name", "Status", "Outlets"]  # Kind is excluded
    assert [row[1] for row in rows] == [f"Beispiel {n:02}" for n in range(23, 0, -2)]
    assert rows[0] == ["P-0023", "Beispiel 23", "active", "0"]
    assert response["Content-Disposition"].startswith('attachment; filename="partner-')


def test_csv_opens_in_a_german_excel_by_double_click():
    with override("de"):
        first, second = csv_lines(["Betrag"], [[Decimal("-1234.50")]])
        assert first == "\ufeffBetrag\r\n"
        assert second == "-1234,50\r\n"
        assert next(csv_lines(["a", "b"], [])) == "\ufeffa;b\r\n"


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-x", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"])
def test_csv_defuses_text_that_a_spreadsheet_would_run(text):
    assert cell(text) == f"'{text}"


def test_csv_leaves_negative_numbers_alone():
    with override("en"):
        assert cell(Decimal("-80.00")) == "-80.00"
        assert cell(-3) == "-3"
