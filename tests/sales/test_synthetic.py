"""The invented feed is the same for the same seed, is made lazily, and lets happen what it is told to."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice

import pytest

from sales.reading import COLUMNS
from sales.synthetic import PLAIN, Dealer, Feed, Offer, Shares, rows, write

FEED = Feed(
    seed=7,
    first=date(2026, 1, 1),
    until=date(2026, 6, 30),
    orders=400,
    dealers=[Dealer("VO-1", 3), Dealer("VO-2", until=date(2026, 3, 1))],
    offers=[
        Offer("dsl", 2, monthly=(30, 45)),
        Offer("vpn", order_value=(900, 2000), sold_from=date(2026, 4, 1)),
        Offer("isdn", monthly=(20, 30), most_units=4, sold_until=date(2026, 2, 1)),
    ],
)


def test_the_same_seed_gives_the_same_feed_and_another_another():
    assert list(rows(FEED)) == list(rows(FEED))
    assert list(rows(FEED)) != list(rows(replace(FEED, seed=8)))


def test_a_million_orders_are_begun_at_once():
    assert len(list(islice(rows(replace(FEED, orders=1_000_000)), 10))) == 10


def test_plain_orders_are_captured_and_activated_and_nothing_else():
    plain = replace(FEED, shares=PLAIN, revenue=False, until=date(2027, 6, 30))
    kinds = Counter(row["event_type"] for _day, row in rows(replace(plain, first=date(2026, 1, 1))))
    assert set(kinds) == {"captured", "activated"}
    assert kinds["captured"] == 400


@pytest.mark.parametrize(
    ("share", "kind"),
    [
        *[("rejected", "rejected"), ("withdrawn", "withdrawn"), ("cancelled", "cancelled")],
        *[("corrected", "corrected"), ("reattributed", "reattributed"), ("suspended", "suspended")],
    ],
)
def test_a_share_of_one_happens_to_every_order(share, kind):
    feed = replace(FEED, shares=replace(PLAIN, **{share: 1.0}), until=date(2028, 1, 1), revenue=False)
    told = Counter(row["event_type"] for _day, row in rows(replace(feed, first=date(2026, 12, 1), orders=50)))
    assert told[kind] > 0
    assert told["captured"] == 50


def test_nothing_is_sold_outside_its_dates():
    captured = [row for _day, row in rows(FEED) if row["event_type"] == "captured"]
    assert all(row["occurred_on"] >= "2026-04-01" for row in captured if row["product"] == "vpn")
    assert all(row["occurred_on"] < "2026-02-01" for row in captured if row["product"] == "isdn")
    assert all(row["occurred_on"] < "2026-03-01" for row in captured if row["dealer_code"] == "VO-2")


def test_event_ids_are_unique_unless_a_row_is_delivered_twice():
    feed = replace(FEED, shares=replace(Shares(), repeated=0.0))
    ids = Counter(row["event_id"] for _day, row in rows(feed))
    assert max(ids.values()) == 1


def test_a_customer_spends_the_same_on_every_order():
    spends: dict[str, set[str]] = {}
    for _day, row in rows(FEED):
        if row["event_type"] == "captured":
            spends.setdefault(row["customer_no"], set()).add(row["annual_spend"])
    assert max(map(len, spends.values())) == 1


def test_the_files_hold_a_month_of_reports_each_and_no_later_one(tmp_path):
    files = write(rows(FEED), tmp_path, until=FEED.until)
    assert [file.name for file in files] == [f"feed-2026-{month:02d}.csv" for month in range(1, 7)]
    with files[2].open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert tuple(reader.fieldnames) == COLUMNS
        for row in reader:
            assert set(row) == set(COLUMNS)
            for name in ("revenue", "monthly_price", "order_value"):
                assert not row[name] or Decimal(row[name]).as_tuple().exponent == -2
