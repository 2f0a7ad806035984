"""Campaigns: written by one person, approved by another, joined by partners before they sell."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from core.audit import history_of
from core.errors import Conflict, FourEyes, Refused
from sales import actions
from sales.models import Campaign, CampaignRegistration

NOW = datetime(2026, 9, 10, 10, tzinfo=UTC)
TODAY = date(2026, 9, 10)
TERMS = {"code": "smart", "valid_from": date(2026, 9, 1), "valid_until": date(2026, 10, 1), "now": NOW}


def save(cast, **terms):
    return actions.save_campaign(by=cast.carla, **TERMS | terms)


@pytest.fixture
def running(cast) -> Campaign:
    """An approved campaign that partners have to register for."""
    return save(cast, registration="required", approved_by=cast.hanna)


class TestApproval:
    def test_a_written_campaign_waits_and_pays_nothing(self, cast):
        campaign = save(cast)
        assert (campaign.status, campaign.waits, campaign.approved_by) == ("draft", True, None)
        assert not Campaign.objects.for_partner("P-SUED").exists()

    def test_another_person_approves_it(self, cast):
        campaign = actions.approve_campaign(save(cast), by=cast.hanna, now=NOW)
        assert (campaign.status, campaign.waits, campaign.approved_by) == ("approved", False, cast.hanna)
        assert [entry.verb for entry in history_of(campaign)] == ["approve_campaign", "save_campaign"]

    def test_who_wrote_it_cannot_approve_it(self, cast):
        with pytest.raises(FourEyes):
            actions.approve_campaign(save(cast), by=cast.carla, now=NOW)
        with pytest.raises(FourEyes):
            save(cast, approved_by=cast.carla)

    def test_the_database_refuses_one_pair_of_eyes_too(self, cast):
        campaign = save(cast)
        with pytest.raises(IntegrityError), transaction.atomic():
            Campaign.objects.filter(pk=campaign.pk).update(approved_by=campaign.saved_by)

    @pytest.mark.parametrize("who", ["petra", "finn", "tom", "aud", "ada", "nora"])
    def test_other_roles_neither_write_nor_approve(self, cast, who):
        with pytest.raises(PermissionDenied):
            actions.save_campaign(by=cast.people[who], **TERMS)
        with pytest.raises(PermissionDenied):
            actions.approve_campaign(save(cast), by=cast.people[who], now=NOW)

    def test_nobody_approves_twice(self, cast, running):
        with pytest.raises(Conflict):
            actions.approve_campaign(running, by=cast.hanna, now=NOW)

    @pytest.mark.parametrize(
        "wrong", [{"valid_until": date(2026, 9, 1)}, {"cap_units": Decimal(0)}, {"cap_amount": Decimal(-1)}]
    )
    def test_terms_that_make_no_sense_are_refused(self, cast, wrong):
        with pytest.raises(Refused):
            save(cast, **wrong)


class TestChange:
    def test_a_change_waits_beside_the_terms_in_force(self, cast, running):
        changed = save(cast, registration="required", cap_units=Decimal(50), exclude={"products": ["b", "a"]})
        assert (changed.status, changed.cap_units, changed.waits) == ("approved", None, True)
        with pytest.raises(FourEyes):
            actions.approve_campaign(changed, by=cast.carla, now=NOW)
        changed = actions.approve_campaign(changed, by=cast.hanna, now=NOW)
        changed.refresh_from_db()
        assert (changed.cap_units, changed.exclude_products, changed.waits) == (Decimal(50), ["a", "b"], False)

    def test_who_wrote_the_first_terms_may_approve_the_change_of_another(self, cast, running):
        changed = actions.save_campaign(by=cast.hanna, **TERMS | {"cap_amount": Decimal("1000.00")})
        changed = actions.approve_campaign(changed, by=cast.carla, now=NOW)
        changed.refresh_from_db()
        assert (changed.cap_amount, changed.registration_required) == (Decimal("1000.00"), False)

    def test_a_change_that_was_written_again_is_not_approved_unseen(self, cast, running):
        seen = save(cast, cap_units=Decimal(50))
        save(cast, cap_units=Decimal(5000))
        with pytest.raises(Conflict):
            actions.approve_campaign(seen, by=cast.hanna, now=NOW)

    def test_a_declined_change_leaves_everything_as_it_was(self, cast, running):
        changed = save(cast, cap_units=Decimal(50))
        with pytest.raises(Refused):
            actions.decline_campaign_change(changed, by=cast.hanna, now=NOW, reason=" ")
        declined = actions.decline_campaign_change(changed, by=cast.hanna, now=NOW, reason="too small")
        assert (declined.status, declined.cap_units, declined.waits) == ("approved", None, False)

    def test_saving_the_terms_in_force_again_leaves_nothing_to_decide(self, cast, running):
        assert not save(cast, registration="required").waits


class TestRegistration:
    def register(self, running, partner, by, on=TODAY):
        return actions.register_for_campaign(running, partner, on=on, by=by, now=NOW)

    @pytest.mark.parametrize("who", ["sina", "sven", "petra", "carla", "hanna"])
    def test_the_partner_and_its_office_register_it(self, cast, running, who):
        made = self.register(running, cast.sued, cast.people[who])
        assert (made.registered_on, made.registered_by, made.withdrawn_on) == (TODAY, cast.people[who], None)
        assert history_of(made).get().verb == "register_for_campaign"

    @pytest.mark.parametrize("who", ["selma", "nora", "rita", "paul", "tom", "finn", "aud", "ada"])
    def test_sellers_strangers_and_others_do_not(self, cast, running, who):
        with pytest.raises(PermissionDenied):
            self.register(running, cast.sued, cast.people[who])

    def test_nobody_registers_for_a_day_that_is_over(self, cast, running):
        for person in (cast.sina, cast.hanna):
            with pytest.raises(Refused):
                self.register(running, cast.sued, person, date(2026, 9, 9))
        assert self.register(running, cast.sued, None, date(2026, 9, 1)).registered_by is None

    def test_only_for_what_is_approved_open_and_not_over(self, cast, running):
        draft = save(cast, code="draft")
        closed = save(cast, code="closed", exclude={"partners": ["P-SUED"]}, approved_by=cast.hanna)
        for campaign, day in ((draft, TODAY), (closed, TODAY), (running, date(2026, 10, 1))):
            with pytest.raises(Refused):
                self.register(campaign, cast.sued, cast.sina, day)

    def test_once_until_it_is_withdrawn(self, cast, running):
        first = self.register(running, cast.sued, cast.sina)
        with pytest.raises(Conflict):
            self.register(running, cast.sued, cast.sven)
        actions.withdraw_registration(first, on=date(2026, 9, 15), by=cast.sina, now=NOW)
        with pytest.raises(Conflict):
            actions.withdraw_registration(first, on=date(2026, 9, 15), by=cast.sina, now=NOW)
        with pytest.raises(Conflict):
            self.register(running, cast.sued, cast.sina, date(2026, 9, 14))
        self.register(running, cast.sued, cast.sina, date(2026, 9, 15))
        assert running.registrations.filter(partner=cast.sued).count() == 2

    def test_what_was_sold_stays_sold(self, cast, running):
        made = self.register(running, cast.sued, None, date(2026, 9, 1))
        with pytest.raises(Refused):
            actions.withdraw_registration(made, on=date(2026, 9, 9), by=cast.sina, now=NOW)
        with pytest.raises(PermissionDenied):
            actions.withdraw_registration(made, on=TODAY, by=cast.rita, now=NOW)

    @pytest.mark.parametrize("change", [{"registered_on": date(2026, 9, 1)}, {"partner": 1}])
    def test_the_database_keeps_a_registration_as_it_was_made(self, cast, running, change):
        made = self.register(running, cast.sued, cast.sina)
        change = {"partner": cast.nord} if "partner" in change else change
        for tamper in (
            lambda: CampaignRegistration.objects.filter(pk=made.pk).update(**change),
            lambda: CampaignRegistration.objects.filter(pk=made.pk).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                tamper()


class TestWhoSeesWhat:
    def test_partners_see_what_is_approved_and_open_to_them(self, cast, running):
        save(cast, code="draft")
        save(cast, code="closed", exclude={"partners": ["P-SUED"]}, approved_by=cast.hanna)
        codes = {who: sorted(Campaign.objects.visible_to(cast.people[who]).values_list("code", flat=True))
                 for who in ("sina", "selma", "rita", "tom", "petra", "aud")}  # fmt: skip
        assert codes == {
            "sina": ["smart"],
            "selma": ["smart"],
            "rita": ["closed", "smart"],
            "tom": [],
            "petra": ["closed", "draft", "smart"],
            "aud": ["closed", "draft", "smart"],
        }

    def test_nobody_sees_who_else_takes_part(self, cast, running):
        for partner in (cast.sued, cast.rival):
            actions.register_for_campaign(running, partner, on=TODAY, by=None, now=NOW)
        seen = {who: [each.partner.number for each in CampaignRegistration.objects.visible_to(cast.people[who])]
                for who in ("sina", "nora", "rita", "petra", "tom")}  # fmt: skip
        assert seen == {"sina": ["P-SUED"], "nora": [], "rita": ["P-RIVAL"], "petra": ["P-SUED"], "tom": []}
        assert CampaignRegistration.objects.visible_to(cast.finn).count() == 2


class TestPages:
    """What is clicked; who may enter at all stands in tests/access/table.py."""

    FORM = {
        "code": "smart", "title_de": "Clever", "title_en": "Smart", "valid_from": "2026-09-01", "last_day": "2026-09-30",
        "registration_required": "on", "cap_units": "50", "exclude_partners": "P-RIVAL", "stackable": "on",
    }  # fmt: skip

    def test_a_controller_writes_one_with_its_last_day(self, cast, sign_in):
        answer = sign_in(cast.carla).post("/office/campaigns/new/", self.FORM)
        campaign = Campaign.objects.get()
        assert answer.headers["Location"] == f"/office/campaigns/{campaign.pk}/"
        assert (campaign.valid_until, campaign.cap_units, campaign.exclude_partners) == (
            date(2026, 10, 1), Decimal(50), ["P-RIVAL"],
        )  # fmt: skip

    def test_codes_that_do_not_exist_are_named(self, cast, sign_in):
        answer = sign_in(cast.carla).post("/office/campaigns/new/", self.FORM | {"exclude_products": "no-such, thing"})
        assert b"Not known: no-such, thing." in answer.content
        assert not Campaign.objects.exists()

    def test_a_waiting_change_is_shown_beside_the_terms_and_decided(self, cast, sign_in, running):
        browser = sign_in(cast.carla)
        browser.post(f"/office/campaigns/{running.pk}/edit/", self.FORM)
        page = browser.get(f"/office/campaigns/{running.pk}/").content.decode()
        assert "Clever" in page
        assert "You wrote this yourself; a second person decides." in page
        sign_in(cast.hanna).post(f"/office/campaigns/{running.pk}/decide/", {"decision": "approve"})
        running.refresh_from_db()
        assert (running.title_de, running.waits) == ("Clever", False)

    def test_the_list_can_be_taken_along_and_asked_for_what_waits(self, cast, sign_in, running):
        save(cast, code="draft")
        answer = sign_in(cast.aud).get("/office/campaigns/?state=waiting&export=csv")
        text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
        assert "draft" in text
        assert "smart" not in text

    def test_an_owner_registers_and_withdraws(self, cast, sign_in):
        open_end = save(cast, code="always", valid_until=None, registration="required", approved_by=cast.hanna)
        browser = sign_in(cast.sina)
        assert b"not registered" in browser.get("/campaigns/").content
        browser.post(f"/campaigns/{open_end.pk}/register/")
        assert b"You take part in" in browser.get("/campaigns/").content
        browser.post(f"/campaigns/{open_end.pk}/withdraw/")
        assert not CampaignRegistration.objects.in_force().exists()

    def test_a_seller_reads_and_is_told_who_registers(self, cast, sign_in):
        save(cast, code="always", valid_until=None, registration="required", approved_by=cast.hanna)
        assert (
            b"The owner or the accounting of your company registers." in sign_in(cast.selma).get("/campaigns/").content
        )
