"""Products come into the portfolio on their day, and partners hear of it (F0-16, F0-17)."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from core.audit import history_of
from core.periods import add_months, berlin_date
from sales.models import Product, ProductFamily, ProductNotice
from sales.portfolio import mail_notice, release_products, save_product

NOW = datetime(2003, 6, 2, 9, tzinfo=UTC)
SERVICE_DAY = date(2003, 7, 1)
MIDNIGHT = datetime(2003, 6, 30, 22, 10, tzinfo=UTC)  # 00:10 on 1 July in Berlin


@pytest.fixture
def vpn(cast) -> Product:
    family = ProductFamily.objects.create(code="vpn", title_de="VPN", title_en="VPN")
    return Product.objects.create(code="vpn", title_de="VPN Festnetz", title_en="Fixed VPN", family=family)


def dated(product: Product, day: date | None, by, now=NOW) -> Product:
    product.portfolio_from = day
    return save_product(product, by=by, now=now)


def notices() -> list[tuple[str, date]]:
    return list(ProductNotice.objects.order_by("pk").values_list("kind", "day"))


def test_an_announced_product_that_gets_its_day_is_a_notice_and_on_that_day_can_be_ordered(cast, vpn):
    dated(vpn, SERVICE_DAY, cast.hanna)
    assert notices() == [("dated", SERVICE_DAY)]
    assert release_products(now=datetime(2003, 6, 30, 21, 50, tzinfo=UTC)) == []
    assert not Product.objects.orderable_on(SERVICE_DAY).exists()
    (released,) = release_products(now=MIDNIGHT)
    assert (released.product, released.kind) == (vpn, "released")
    assert Product.objects.orderable_on(SERVICE_DAY).get() == vpn
    assert not Product.objects.orderable_on(date(2003, 6, 30)).exists()
    assert {entry.verb for entry in history_of(vpn)} == {"notify_partners", "release_product"}


def test_releasing_twice_or_some_days_late_tells_nobody_twice(cast, vpn):
    dated(vpn, SERVICE_DAY, cast.hanna)
    assert len(release_products(now=datetime(2003, 7, 5, 9, tzinfo=UTC))) == 1
    assert release_products(now=datetime(2003, 7, 6, 9, tzinfo=UTC)) == []


def test_what_has_been_sold_for_long_is_no_news(cast, vpn):
    dated(vpn, date(2003, 1, 1), cast.hanna)
    Product.objects.update(state="released")
    assert release_products(now=MIDNIGHT) == []
    assert notices() == []


def test_a_product_released_on_the_spot_is_told_at_once(cast, vpn):
    vpn.state = "released"
    dated(vpn, date(2003, 6, 2), cast.hanna)
    assert notices() == [("released", date(2003, 6, 2))]


def test_saving_again_without_another_day_tells_nothing_new(cast, vpn):
    dated(vpn, SERVICE_DAY, cast.hanna)
    vpn.title_en = "Virtual private network"
    save_product(vpn, by=cast.ada, now=NOW)
    assert notices() == [("dated", SERVICE_DAY)]
    with pytest.raises(PermissionDenied):
        save_product(vpn, by=cast.petra, now=NOW)


def test_a_date_that_moved_is_told_again_and_the_old_one_is_void(cast, vpn):
    dated(vpn, SERVICE_DAY, cast.hanna)
    dated(vpn, date(2003, 9, 1), cast.hanna)
    current = ProductNotice.objects.current(date(2003, 6, 10))
    assert [notice.day for notice in current] == [date(2003, 9, 1)]
    assert not ProductNotice.objects.current(date(2003, 9, 1)).exists()  # the day itself: the release is the news
    release_products(now=datetime(2003, 9, 1, 9, tzinfo=UTC))
    assert [each.kind for each in ProductNotice.objects.current(date(2003, 9, 1))] == ["released"]
    assert not ProductNotice.objects.current(date(2003, 11, 15)).exists()


# ---- what partners see and get ---------------------------------------------------------------------------------
def test_the_administration_tells_partners_when_it_gives_a_product_its_day(cast, vpn, sign_in):
    home = sign_in(cast.nele)
    assert "announced" in home.get("/").text  # the preview: no day yet
    day = add_months(berlin_date(timezone.now()), 2)
    change = reverse("admin:sales_product_change", args=[vpn.pk])
    values = {"family": vpn.family_id, "title_de": "VPN", "title_en": "Fixed VPN", "state": "announced"}
    assert sign_in(cast.hanna).post(change, values | {"portfolio_from": day}).status_code == 302
    page = home.get("/").text
    assert "Fixed VPN" in page
    assert f"from {day.day} " in page
    assert "New in the portfolio" in sign_in(cast.nora).get("/").text


def test_owners_and_sellers_of_active_partners_get_a_mail_in_their_language_and_only_one(
    cast, vpn, mailoutbox, settings
):
    settings.MAIL_NOTICES = True
    cast.rival.status = "suspended"
    cast.rival.save()
    cast.nele.language = "de"
    cast.nele.save()
    dated(vpn, date(2026, 7, 1), cast.hanna)
    notice, now = ProductNotice.objects.get(), datetime(2026, 6, 2, 9, tzinfo=UTC)
    assert mail_notice(notice.pk, now=now) == 4
    assert mail_notice(notice.pk, now=now) == 0
    by_address = {mail.to[0].split("@")[0]: mail for mail in mailoutbox}
    assert set(by_address) == {"nora", "nele", "sina", "selma"}
    assert by_address["nora"].subject.startswith("Fixed VPN can be ordered from")
    assert by_address["nele"].subject.startswith("VPN Festnetz")


def test_without_a_mail_server_nothing_is_sent(cast, vpn, mailoutbox, settings):
    settings.MAIL_NOTICES = False
    dated(vpn, SERVICE_DAY, cast.hanna)
    assert mail_notice(ProductNotice.objects.get().pk, now=NOW) == 0
    assert mailoutbox == []
    assert ProductNotice.objects.get().mailed_at is None
