"""Survey responses and visits from files: what is taken, what is kept apart, what is refused, and that twice is once."""

import json
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from sales.reading import Unreadable
from targets import actions
from targets.issues import TEXTS
from targets.models import Delivery, Footfall, Response
from tests.cast import make_partner

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
HEADER = "response_id,answered_on,touchpoint,dealer_code,customer_class,score_operator,score_product,score_touchpoint,comment"


def deliver(cast, *rows, header=HEADER, by=None):
    data = "\n".join([header, *rows]).encode()
    return actions.receive_responses(data, source="upload", by=by or cast.carla, now=NOW, filename="may.csv")


def counts(delivery):
    names = ("rows", "accepted", "duplicate", "quarantined", "rejected")
    return tuple(getattr(delivery, name) for name in names)


def faults(delivery):
    return [(issue.line, issue.field, issue.value, issue.code) for issue in delivery.issues.all()]


def test_an_answer_is_assigned_to_whom_the_dealer_code_belonged_on_its_day(cast):
    done = deliver(cast, "R-1,2026-05-04,partner,D-SUED,business,7,6,9,Sehr gut beraten")
    assert counts(done) == (1, 1, 0, 0, 0)
    this = Response.objects.get()
    assert (this.partner, this.outlet, this.touchpoint) == (cast.sued, cast.sued.outlets.get(), "partner")
    assert (this.score_operator, this.score_product, this.score_touchpoint) == (7, 6, 9)  # each counted by itself
    assert (this.quarter, this.customer_class, this.drivers) == (date(2026, 4, 1), "business", ["advice"])


def test_scores_may_be_empty_and_the_class_is_private_then(cast):
    deliver(cast, "R-1,2026-05-04,partner,D-SUED,,,,9,")
    this = Response.objects.get()
    assert (this.score_operator, this.score_product, this.customer_class) == (None, None, "private")


@pytest.mark.parametrize("score", ["-1", "11", "8.5", "8,5", "neun", "٣", "9.0", "1e1"])
def test_no_score_but_0_to_10_is_taken_and_the_good_rows_are(cast, score):
    done = deliver(
        cast, f'R-1,2026-05-04,partner,D-SUED,private,,,"{score}",', "R-2,2026-05-04,partner,D-SUED,private,,,10,"
    )
    assert counts(done) == (2, 1, 0, 0, 1)
    assert faults(done) == [(2, "score_touchpoint", score, "score")]
    assert Response.objects.get().response_id == "R-2"


def test_every_fault_of_a_row_is_named_and_the_row_counts_once(cast):
    done = deliver(cast, ",2026-02-30,,D-SUED,firm,11,-1,9,")
    assert counts(done) == (1, 0, 0, 0, 1)
    assert sorted(faults(done)) == [
        (2, "answered_on", "2026-02-30", "date"),
        (2, "customer_class", "firm", "customer_class"),
        (2, "response_id", "", "missing"),
        (2, "score_operator", "11", "score"),
        (2, "score_product", "-1", "score"),
        (2, "touchpoint", "", "missing"),
    ]
    assert {code for *_where, code in faults(done)} <= set(TEXTS)


def test_a_day_to_come_is_refused(cast):
    assert faults(deliver(cast, "R-1,2026-07-02,hotline,,private,9,,,")) == [(2, "answered_on", "2026-07-02", "future")]


@pytest.mark.parametrize(
    ("place", "code", "number", "cause"),
    [
        ("kiosk", "D-SUED", "", "unknown_touchpoint"),
        ("partner", "D-NOBODY", "", "unknown_dealer"),
        ("partner", "", "", "no_place"),
        ("partner", "", "P-NOBODY", "unknown_partner"),
        ("partner", "D-SUED", "P-RIVAL", "contradiction"),
        ("hotline", "D-SUED", "", "not_there"),
    ],
)
def test_what_fits_nobody_is_kept_in_quarantine_with_its_cause(cast, place, code, number, cause):
    header = "response_id,answered_on,touchpoint,dealer_code,partner,score_touchpoint"
    done = deliver(cast, f"R-1,2026-05-04,{place},{code},{number},9", header=header)
    assert counts(done) == (1, 0, 0, 1, 0)
    this = Response.objects.get()
    assert (this.status, this.cause, this.partner) == ("quarantined", cause, None)


def test_a_dealer_code_counts_on_its_days_only(cast):
    done = deliver(cast, "R-1,2025-12-31,partner,D-SUED,private,,,9,", "R-2,2026-01-01,partner,D-SUED,private,,,9,")
    assert counts(done) == (2, 1, 0, 1, 0)
    assert Response.objects.get(response_id="R-1").cause == "not_on_day"


def test_hotline_online_and_own_stores_are_channels_of_their_own(cast):
    make_partner("P-SHOP", "Funkelnetz Shop", kind="own_branch", code="D-SHOP")
    deliver(
        cast,
        "R-1,2026-05-04,hotline,,private,9,9,2,",
        "R-2,2026-05-04,Online,,private,9,9,10,",
        "R-3,2026-05-04,partner,D-SHOP,private,9,9,10,",
    )
    found = dict(Response.objects.values_list("response_id", "touchpoint"))
    assert found == {"R-1": "hotline", "R-2": "online", "R-3": "shop"}


def test_the_same_file_again_changes_nothing(cast):
    rows = ["R-1,2026-05-04,partner,D-SUED,private,7,6,9,gut", "R-2,2026-05-04,kiosk,,private,7,6,9,"]
    deliver(cast, *rows)
    again = deliver(cast, *reversed(rows))
    assert counts(again) == (2, 0, 2, 0, 0)
    assert Response.objects.count() == 2


def test_a_known_identifier_with_other_content_is_refused(cast):
    deliver(cast, "R-1,2026-05-04,partner,D-SUED,private,7,6,9,gut")
    again = deliver(cast, "R-1,2026-05-04,partner,D-SUED,private,7,6,2,gut", "R-9,2026-05-04,online,,private,7,,,")
    assert counts(again) == (2, 1, 0, 0, 1)
    assert faults(again) == [(2, "response_id", "R-1", "known_id")]
    assert Response.objects.get(response_id="R-1").score_touchpoint == 9


def test_a_broken_line_costs_itself_and_not_its_neighbours(cast):
    done = deliver(
        cast,
        'R-1,2026-05-04,partner,D-SUED,private,,,9,er sagte "gut',
        "R-2,2026-05-04,partner,D-SUED,private,,,9,",
        "R-3,2026-05-04,partner,D-SUED,private,,,9,eins,zwei",
        '"R-4",2026-05-04,partner,D-SUED,private,,,9,"zwei\nZeilen, ein Wert"',
        'R-5,2026-05-04,partner,D-SUED,private,,,9,"offen',
    )
    assert sorted(Response.objects.values_list("response_id", flat=True)) == ["R-1", "R-2", "R-4"]
    assert counts(done) == (5, 3, 0, 0, 2)
    assert [(line, code) for line, _field, _value, code in faults(done)] == [(4, "columns"), (7, "quote")]
    assert Response.objects.get(response_id="R-4").comment == "zwei Zeilen, ein Wert"


def test_semicolons_a_mark_of_excel_and_any_sequence_of_columns_are_understood(cast):
    data = "\ufeffscore_touchpoint;touchpoint;answered_on;response_id\r\n9;hotline;2026-05-04;R-1\r\n".encode()
    done = actions.receive_responses(data, source="upload", by=cast.ada, now=NOW)
    assert counts(done) == (1, 1, 0, 0, 0)


def test_json_lines_lists_and_objects_are_understood(cast):
    def row(key, score=9):
        return {"response_id": key, "answered_on": "2026-05-04", "touchpoint": "hotline", "score_touchpoint": score}

    files = [
        "\n".join(json.dumps(row(key)) for key in ("R-1", "R-2")),
        json.dumps([row("R-3"), row("R-4", 8.5), row("R-5", None), [1], row("R-6") | {"mood": "good"}], indent=1),
        json.dumps(row("R-7"), indent=1),
    ]
    done = [actions.receive_responses(each.encode(), source="api", by=cast.carla, now=NOW) for each in files]
    assert [counts(each) for each in done] == [(2, 2, 0, 0, 0), (5, 2, 0, 0, 3), (1, 1, 0, 0, 0)]
    assert faults(done[1]) == [
        (2, "score_touchpoint", "8.5", "score"),
        (4, "", "['1']", "json"),
        (5, "", "mood", "unknown_column"),
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"  \n", b"PK\x03\x04rest", "größe".encode("latin-1"), b"a,b\n1,2", b"response_id,answered_on\nR,2026-01-01"],
)
def test_what_is_no_such_file_leaves_nothing(cast, data):
    with pytest.raises(Unreadable):
        actions.receive_responses(data, source="upload", by=cast.carla, now=NOW)
    with pytest.raises(Unreadable):
        actions.receive_responses((HEADER + "\n").encode(), source="upload", by=cast.carla, now=NOW)
    assert not Delivery.objects.exists()


def test_comments_are_masked_before_they_are_stored(cast):
    deliver(cast, 'R-1,2026-05-04,hotline,,private,9,,,"Herr Müller, 0171 2312512, m@b.example"')
    assert Response.objects.get().comment == "Herr •••, •••, •••"


def test_the_quarantine_is_tried_again_after_master_data_came(cast):
    deliver(cast, "R-1,2026-05-04,partner,D-NEU,private,,,9,", "R-2,2026-05-04,kiosk,,private,,,9,")
    make_partner("P-NEU", "Neu Erdichtet GmbH", code="D-NEU")
    done = actions.retry_quarantine(by=cast.carla, now=NOW)
    assert counts(done) == (2, 1, 0, 1, 0)
    assert Response.objects.get(response_id="R-1").partner.number == "P-NEU"
    assert Response.objects.get(response_id="R-2").cause == "unknown_touchpoint"


def test_who_may_deliver(cast):
    for person in (cast.sina, cast.petra, cast.finn, cast.aud, cast.tom):
        with pytest.raises(PermissionDenied):
            deliver(cast, "R-1,2026-05-04,hotline,,private,9,,,", by=person)


# ---- visits ------------------------------------------------------------------------------------------------------
def visits(person, *rows, header="dealer_code,date,span,visits"):
    data = "\n".join([header, *rows]).encode()
    return actions.receive_footfall(data, source="upload", by=person, now=NOW)


def recorded():
    return {(row.outlet.partner.number, row.span, row.starts_on): row.visits for row in Footfall.objects.all()}


def test_visits_are_recorded_once_and_corrected_by_a_later_number(cast):
    first = visits(cast.sina, "D-SUED,2026-06-01,,120", "D-SUED,2026-06-08,week,800")
    again = visits(cast.sina, "D-SUED,2026-06-01,day,125", "D-SUED,2026-06-08,week,800")
    assert [counts(first), counts(again)] == [(2, 2, 0, 0, 0), (2, 1, 1, 0, 0)]
    assert recorded() == {
        ("P-SUED", "day", date(2026, 6, 1)): 125,
        ("P-SUED", "week", date(2026, 6, 8)): 800,
    }


def test_wrong_visits_are_refused_by_the_field(cast):
    done = visits(
        cast.carla,
        "D-SUED,2026-06-02,week,800",
        "D-SUED,2026-06-01,day,-1",
        "D-SUED,2026-06-01,day,12.5",
        "D-NOBODY,2026-06-01,day,5",
        "D-SUED,2026-07-02,day,5",
        "D-SUED,2026-06-01,month,5",
        "D-SUED,2026-06-01,day,5",
    )
    assert counts(done) == (7, 1, 0, 0, 6)
    assert [code for *_where, code in faults(done)] == ["monday", "visits", "visits", "outlet", "future", "span"]


def test_a_partner_counts_its_own_outlets_only(cast):
    done = visits(cast.selma, "D-SUED,2026-06-01,day,5", "D-NORD,2026-06-01,day,5", "D-RIVAL,2026-06-01,day,5")
    assert counts(done) == (3, 1, 0, 0, 2)
    assert counts(visits(cast.nora, "D-SUED,2026-06-02,day,5"))[4] == 1  # not a distributor for its sub-partner
    with pytest.raises(PermissionDenied):
        visits(cast.aud, "D-SUED,2026-06-01,day,5")


def test_visits_entered_by_hand(cast):
    outlet = cast.sued.outlets.get()
    days = {date(2026, 6, 1): 120, date(2026, 6, 2): 0}
    assert actions.record_footfall(outlet, days, by=cast.selma, now=NOW) == 2
    assert actions.record_footfall(outlet, days, by=cast.selma, now=NOW) == 0
    with pytest.raises(PermissionDenied):
        actions.record_footfall(outlet, days, by=cast.rita, now=NOW)
