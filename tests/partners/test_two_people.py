"""Bank account and VAT status: one person proposes, another confirms, and until then nothing changes."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import override

from core.audit import history_of
from core.errors import Conflict, Refused
from partners import actions
from partners.models import Partner, PartnerChange
from portal.queue import queue_of

IBAN, OTHER = "DE89 3704 0044 0532 0130 00", "DE02120300000000202051"
LIST, ADD = "admin:partners_partnerchange_changelist", "admin:partners_partnerchange_add"


@pytest.fixture
def proposal(cast) -> PartnerChange:
    return actions.propose_bank_account(
        cast.nord, iban=IBAN, account_holder="Nord", by=cast.finn, reason="letter of 3 May"
    )


def account_of(partner: Partner) -> str:
    return Partner.objects.get(pk=partner.pk).iban


def test_a_proposed_account_is_paid_to_only_after_another_person_confirmed_it(cast, proposal):
    assert account_of(cast.nord) == ""
    actions.confirm_partner_change(proposal, by=cast.ada, reason="called the owner back")
    assert account_of(cast.nord) == "DE89370400440532013000"
    assert (proposal.status, proposal.decided_by) == ("confirmed", cast.ada)


def test_a_proposed_account_waits_for_whoever_may_confirm_it_and_for_no_auditor(cast, proposal):
    waiting = PartnerChange.objects.waiting_for
    assert list(waiting(cast.ada)) == [proposal]
    assert not waiting(cast.finn).exists()
    assert PartnerChange.objects.visible_to(cast.aud).exists()
    assert not waiting(cast.aud).exists()


def test_nobody_confirms_or_declines_the_own_proposal(cast, proposal):
    with pytest.raises(Refused):
        actions.confirm_partner_change(proposal, by=cast.finn)
    with pytest.raises(Refused):
        actions.decline_partner_change(proposal, by=cast.finn, reason="mistyped")
    assert account_of(cast.nord) == ""


def test_the_database_itself_wants_two_people(cast, proposal):
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        PartnerChange.objects.filter(pk=proposal.pk).update(
            status="confirmed", decided_by=cast.finn, decided_at=proposal.proposed_at
        )


def test_only_finance_and_administrators_propose_and_decide(cast, proposal):
    for person in (cast.petra, cast.hanna, cast.carla, cast.aud, cast.tom, cast.nora):
        with pytest.raises(PermissionDenied):
            actions.propose_bank_account(cast.sued, iban=IBAN, account_holder="x", by=person, reason="quickly")
        with pytest.raises(PermissionDenied):
            actions.confirm_partner_change(proposal, by=person)


def test_a_proposal_is_decided_once(cast, proposal):
    stale = PartnerChange.objects.get(pk=proposal.pk)
    actions.decline_partner_change(proposal, by=cast.ada, reason="the owner knows nothing of it")
    with pytest.raises(Conflict):
        actions.confirm_partner_change(stale, by=cast.ada)
    assert account_of(cast.nord) == ""


def test_a_second_proposal_waits_for_the_first(cast, proposal):
    with pytest.raises(Conflict):
        actions.propose_bank_account(cast.nord, iban=OTHER, account_holder="Nord", by=cast.ada, reason="another letter")
    actions.propose_vat_status(cast.nord, vat_status="small_business", by=cast.ada, reason="notice of the tax office")
    actions.confirm_partner_change(proposal, by=cast.ada)
    actions.propose_bank_account(cast.nord, iban=OTHER, account_holder="Nord", by=cast.ada, reason="another letter")


def test_the_trail_names_both_and_shows_only_the_last_digits(cast, proposal):
    actions.confirm_partner_change(proposal, by=cast.ada)
    confirmed, proposed = history_of(cast.nord).order_by("-pk")
    assert (proposed.actor, proposed.verb) == (cast.finn, "propose_partner_change")
    assert proposed.detail == {"what": "bank", "before": "", "after": "3000"}
    assert (confirmed.actor, confirmed.verb) == (cast.ada, "confirm_partner_change")
    assert confirmed.detail == proposed.detail | {"proposed_by": cast.finn.pk}


def test_a_wrong_account_number_is_refused_at_once(cast):
    with pytest.raises(ValidationError):
        actions.propose_bank_account(cast.nord, iban="DE00 0000", account_holder="x", by=cast.finn, reason="typo")
    assert not PartnerChange.objects.exists()


def test_reverse_charge_needs_a_vat_id(cast):
    with pytest.raises(Refused):
        actions.propose_vat_status(cast.nord, vat_status="eu", by=cast.finn, reason="moved to Vienna")
    change = actions.propose_vat_status(
        cast.nord, vat_status="eu", vat_id="ATU10223006", by=cast.finn, reason="moved to Vienna"
    )
    actions.confirm_partner_change(change, by=cast.ada)
    cast.nord.refresh_from_db()
    assert (cast.nord.vat_status, cast.nord.vat_id) == ("eu", "ATU10223006")


def test_a_vat_status_counts_for_services_from_its_day_on(cast):
    day = date(2026, 6, 1)
    asked = {"by": cast.finn, "reason": "notice of the tax office", "now": datetime(2026, 5, 20, 12, tzinfo=UTC)}
    change = actions.propose_vat_status(cast.nord, vat_status="small_business", effective_from=day, **asked)
    with override("en"), pytest.raises(Refused, match="confirm it then"):
        actions.confirm_partner_change(change, by=cast.ada, now=datetime(2026, 5, 31, 12, tzinfo=UTC))
    change.refresh_from_db()
    actions.confirm_partner_change(change, by=cast.ada, now=datetime(2026, 6, 2, 12, tzinfo=UTC))
    cast.nord.refresh_from_db()
    assert cast.nord.vat_status == "small_business"
    assert list(cast.nord.former_vat.values_list("vat_status", "valid_from", "valid_until")) == [("regular", None, day)]
    # back again on the same day leaves no time between; before it nothing can change any more
    actions.tax_from(cast.nord, vat_status="regular", since=day)
    assert cast.nord.former_vat.count() == 1
    with override("en"), pytest.raises(Refused, match="nothing before that"):
        actions.tax_from(cast.nord, vat_status="none", since=date(2026, 5, 1))


def test_in_the_administration_two_people_change_an_account_and_one_cannot(cast, sign_in):
    finn, ada = sign_in(cast.finn), sign_in(cast.ada)
    values = {"partner": cast.nord.pk, "what": "bank", "iban": IBAN, "account_holder": "Nord", "reason": "letter"}
    assert finn.post(reverse(ADD), values).status_code == 302
    change = PartnerChange.objects.get()
    assert change.proposed_by == cast.finn
    confirm = {"action": "confirm", "_selected_action": change.pk, "reason": ""}
    finn.post(reverse(LIST), confirm)
    assert account_of(cast.nord) == ""
    ada.post(reverse(LIST), confirm)
    assert account_of(cast.nord) == "DE89370400440532013000"


def test_the_form_says_what_is_missing(cast, sign_in, proposal):
    browser = sign_in(cast.finn)

    def errors(**values):
        return browser.post(reverse(ADD), {"partner": cast.sued.pk, "reason": "letter"} | values).context["errors"]

    assert errors(what="bank")
    assert errors(what="vat", vat_status="eu")
    assert errors(what="bank", iban="DE00")
    assert errors(what="bank", iban=IBAN, partner=cast.nord.pk)


def test_on_the_partners_own_page_account_and_tax_cannot_be_written(cast, sign_in):
    browser = sign_in(cast.ada)
    change = reverse("admin:partners_partner_change", args=[cast.nord.pk])
    form = browser.get(change).context["adminform"].form
    assert not {"iban", "account_holder", "vat_status", "vat_id", "level", "parent"} & set(form.fields)
    assert "legal_name" in form.fields


def test_the_day_of_the_second_person_begins_with_it(cast, proposal):
    def titles(person) -> list[str]:
        with override("en"):  # whatever language the request before left behind
            return [task.title for task in queue_of(person, proposal.proposed_at)]

    assert "Bank account of P-NORD Nord Erfunden GmbH" in titles(cast.ada)
    for person in (cast.finn, cast.hanna, cast.petra):
        assert not [title for title in titles(person) if "P-NORD" in title]
