"""An order for businesses names its customer's class (F0-10); without one it is an exception, never a consumer's."""

from datetime import UTC, datetime
from itertools import permutations

import pytest
from django.core.exceptions import PermissionDenied

from core.errors import Conflict, Refused
from core.models import AuditEntry
from partners.models import User
from sales import actions, stating
from sales.importing import import_text
from sales.models import Event, FeedImport, Order, Parked, ProductFamily

NOW = datetime(2026, 8, 5, 9, tzinfo=UTC)
HEADER = "event_id,event_type,occurred_on,order_id,dealer_code,product,customer_no,customer_class\n"
CAPTURED = "e1,captured,2026-07-02,O-1,D-A,vpn,C-1,"
ACTIVATED = "e2,activated,2026-07-10,O-1,,,,"
CORRECTED = "e3,corrected,2026-07-20,O-1,,,,smb"


@pytest.fixture
def business(channel) -> None:
    ProductFamily.objects.filter(code="vpn").update(business=True)


@pytest.fixture
def carla(db) -> User:
    return User.objects.create(email="carla@funkelnetz.example", name="Carla", role="commission_controller")


def deliver(*rows: str) -> FeedImport:
    return import_text(HEADER + "".join(f"{row}\n" for row in rows), now=NOW)


def causes() -> list[tuple[str, str]]:
    return list(Parked.objects.order_by("event__event_id").values_list("event__event_id", "cause"))


def test_a_business_order_without_class_is_an_exception_and_no_order(business):
    done = deliver(CAPTURED, ACTIVATED)
    assert (done.rows, done.exception, done.waiting) == (2, 1, 1)
    assert causes() == [("e1", "class_missing"), ("e2", "order_not_captured")]
    assert not Order.objects.exists()


def test_a_business_order_with_class_is_taken_as_it_is(business):
    deliver(CAPTURED + "soho", ACTIVATED)
    assert Order.objects.get().customer_class == "soho"
    assert causes() == []


def test_an_order_of_another_family_still_takes_the_default(business):
    deliver(CAPTURED.replace("vpn", "isdn"), ACTIVATED)
    assert Order.objects.get().customer_class == "consumer"


def test_a_correction_that_names_the_class_resolves_it_whatever_comes_first(business):
    for number, rows in enumerate(permutations([CAPTURED, ACTIVATED, CORRECTED])):
        order, prefix = f"O-X{number}", f"x{number}-"
        for row in rows:  # each in a file of its own
            deliver(prefix + row.replace("O-1", order))
        found = Order.objects.get(order_no=order)
        assert (found.status, found.customer_class) == ("active", "smb"), rows
    deliver(*(f"y-{row.replace('O-1', 'O-Y')}" for row in (CORRECTED, ACTIVATED, CAPTURED)))  # and all in one
    assert Order.objects.get(order_no="O-Y").customer_class == "smb"
    assert causes() == []


def test_a_correction_to_a_business_product_waits_for_the_class_too(business):
    deliver(CAPTURED.replace("vpn", "isdn"), ACTIVATED)
    deliver("e4,corrected,2026-07-12,O-1,,vpn,,")
    assert causes() == [("e4", "class_missing")]
    assert Order.objects.get().product == "isdn"
    deliver(CORRECTED)
    order = Order.objects.get()
    assert (order.product, order.customer_class) == ("vpn", "smb")
    assert causes() == []


def test_a_second_capture_with_a_class_does_not_speak_for_the_first(business):
    deliver(CAPTURED)
    deliver("e5,captured,2026-07-03,O-1,D-A,vpn,C-1,smb")
    assert causes() == [("e1", "class_missing")]
    deliver(CORRECTED.replace("smb", "enterprise"))
    assert causes() == [("e5", "captured_twice")]
    assert Order.objects.get().customer_class == "enterprise"


def test_the_office_states_the_class_and_the_order_takes_effect_from_its_signature(business, carla):
    deliver(CAPTURED, ACTIVATED)
    made = stating.state_class(Parked.objects.get(cause="class_missing"), customer_class="smb", by=carla, now=NOW)
    order = Order.objects.get()
    assert (order.status, order.customer_class) == ("active", "smb")
    assert causes() == []
    stated = Event.objects.get(feed_import=made)
    assert (stated.event_type, str(stated.occurred_on), stated.customer_class) == ("corrected", "2026-07-02", "smb")
    assert (made.source, made.rows, made.accepted, made.by) == ("office", 1, 1, carla)
    assert AuditEntry.objects.filter(verb="state_class", actor=carla).count() == 1


def test_the_office_states_only_what_is_missing_and_only_once(business, carla):
    deliver(CAPTURED, ACTIVATED)
    parked = Parked.objects.get(cause="class_missing")
    with pytest.raises(Refused):
        stating.state_class(parked, customer_class="company", by=carla, now=NOW)
    waiting = Parked.objects.get(cause="order_not_captured")
    with pytest.raises(Refused):
        stating.state_class(waiting, customer_class="smb", by=carla, now=NOW)
    carla.role = "finance"
    with pytest.raises(PermissionDenied):
        stating.state_class(parked, customer_class="smb", by=carla, now=NOW)
    carla.role = "commission_controller"
    stating.state_class(parked, customer_class="smb", by=carla, now=NOW)
    with pytest.raises(Conflict):
        stating.state_class(parked, customer_class="soho", by=carla, now=NOW)


def test_a_family_that_turns_out_to_be_for_everybody_lets_them_go_at_the_next_try(business, carla):
    deliver(CAPTURED, ACTIVATED)
    actions.retry_parked(by=carla, now=NOW, cause="class_missing")
    assert causes() == [("e1", "class_missing"), ("e2", "order_not_captured")]
    ProductFamily.objects.update(business=False)
    actions.retry_parked(by=carla, now=NOW, cause="class_missing")
    assert Order.objects.get().customer_class == "consumer"
    assert causes() == []


def test_in_the_office_the_class_is_chosen_beside_the_exception(business, cast, sign_in):
    deliver(CAPTURED, ACTIVATED)
    browser = sign_in(cast.carla)
    page = browser.get("/office/feed/exceptions/").text
    assert "Only businesses buy vpn" in page
    address = f"/office/feed/exceptions/{Parked.objects.get(cause='class_missing').pk}/class/"
    assert address in page
    assert address not in sign_in(cast.petra).get("/office/feed/exceptions/").text
    assert browser.post(address, {"customer_class": "soho"}, follow=True).status_code == 200
    assert Order.objects.get().customer_class == "soho"
