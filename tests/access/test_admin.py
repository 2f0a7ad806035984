"""The administration: master data for administrators, everything financial to look at only, and who changed what."""

from datetime import date
from decimal import Decimal

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from commissions.models import Hold, Line, ManualLine, Run, Schedule, ScheduleVersion, Statement
from core.admin import Ledger
from core.audit import history_of
from core.history import Field, changes
from partners.models import Contract, DealerCode, Membership, Outlet, Partner, User
from sales.models import Event, FeedImport, Order, SegmentBand
from tests.cast import SCHEDULE, START, make_order, make_product, make_run, make_statement, make_version
from training.models import Certificate

LEDGER = [Run, Line, Statement, Event, Order, FeedImport, Schedule, ScheduleVersion, Hold, ManualLine]


def page(model, what: str = "changelist", *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


@pytest.fixture
def posted(cast):
    make_version(cast.carla)
    order = make_order(cast.nord, "O-1")
    return make_statement(make_run(date(2026, 7, 1)), cast.nord, "2026-000001", orders=[order])


def test_every_page_opens_for_an_auditor_and_none_can_be_written(cast, posted, sign_in):
    browser = sign_in(cast.aud)
    for model, options in admin.site._registry.items():
        if "beat" in model._meta.app_label:
            assert browser.get(page(model)).status_code == 403
            continue
        assert browser.get(page(model)).status_code == 200, model
        assert browser.get(page(model) + "?q=P-NORD").status_code == 200, model
        assert browser.get(page(model, "add")).status_code == 403, model
        if row := options.get_queryset(type("Asked", (), {"user": cast.aud})).first():
            assert browser.get(page(model, "change", row.pk)).status_code == 200, model
            assert browser.get(page(model, "history", row.pk)).status_code == 200, model
            assert browser.post(page(model, "change", row.pk), {}).status_code == 403, model
            assert browser.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403, model


@pytest.mark.parametrize("model", LEDGER)
def test_nobody_adds_changes_or_deletes_what_is_financial(cast, posted, sign_in, model):
    row = model.objects.first()
    for person in cast.office:
        browser = sign_in(person)
        assert browser.post(page(model, "add"), {}).status_code in {302, 403}
        if row:
            before = model.objects.filter(pk=row.pk).values().get()
            assert browser.post(page(model, "change", row.pk), {"amount": "1"}).status_code in {302, 403}
            assert browser.post(page(model, "delete", row.pk), {"post": "yes"}).status_code in {302, 403}
            bulk = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
            browser.post(page(model), bulk)
            assert model.objects.filter(pk=row.pk).values().get() == before


def test_every_financial_page_is_a_ledger_page():
    money = [model for model in apps.get_app_config("commissions").get_models() if admin.site.is_registered(model)]
    for model in [*money, *LEDGER]:
        assert isinstance(admin.site._registry[model], Ledger), model


def test_an_administrator_sees_no_money(cast, posted, sign_in):
    browser = sign_in(cast.ada)
    assert [browser.get(page(model)).status_code for model in (Line, Statement, Run)] == [403, 403, 403]
    assert browser.get(page(Partner)).status_code == 200


def test_a_trainer_finds_the_certificates_and_nothing_else(cast, sign_in):
    browser = sign_in(cast.tom)
    assert browser.get(page(Certificate)).status_code == 200
    assert browser.get(page(Certificate, "add")).status_code == 200
    assert [browser.get(page(model)).status_code for model in (Partner, User, Line)] == [403, 403, 403]


@pytest.mark.parametrize("who", ["petra", "paul", "nora", "rita"])
def test_others_do_not_enter(cast, sign_in, who):
    browser = sign_in(getattr(cast, who))
    for model in (Partner, User, Line):
        assert browser.get(page(model), follow=True).status_code == 403


def test_pages_of_packages_stay_shut(db):
    registered = {model._meta.label for model in admin.site._registry}
    assert not registered & {"knox.AuthToken", "auth.Group", "account.EmailAddress", "mfa.Authenticator"}


def test_an_administrator_edits_a_partner_and_the_history_says_what_changed(cast, sign_in):
    browser = sign_in(cast.ada)
    change = page(Partner, "change", cast.nord.pk)
    form = browser.get(change).context["adminform"].form.initial
    values = {key: value for key, value in form.items() if value is not None} | {"city": "Goch"}
    for prefix in ("outlets", "contracts", "memberships"):
        values |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    assert browser.post(change, values).status_code == 302
    cast.nord.refresh_from_db()
    assert cast.nord.city == "Goch"
    newest = changes(cast.nord)[0]
    assert newest.who == "Ada Admin"
    assert newest.fields == [Field("town", "Nordhausen", "Goch")]
    shown = browser.get(page(Partner, "history", cast.nord.pk)).content.decode()
    assert all(text in shown for text in ("Ada Admin", "Nordhausen", "Goch"))


def test_the_history_knows_bulk_updates_and_names_people_instead_of_keys(cast):
    Partner.objects.filter(pk=cast.nord.pk).update(manager=cast.paul)
    newest = changes(cast.nord)[0]
    assert (newest.fields[0].before, newest.fields[0].after) == ("Petra Probe", "Paul Planke")


def test_the_history_of_a_partner_includes_its_contracts(cast):
    rows = {change.row for change in changes(cast.nord, [(Contract, "partner"), (Membership, "partner")])}
    assert len(rows) == 3  # the partner itself, contracts, memberships


def test_the_history_costs_the_same_however_long_it_is(cast, django_assert_max_num_queries):
    for i in range(30):
        Partner.objects.filter(pk=cast.nord.pk).update(city=f"Town {i}", manager=[cast.petra, cast.paul][i % 2])
    with django_assert_max_num_queries(8):
        assert len(changes(cast.nord, [(Contract, "partner")])) > 30


def test_the_history_itself_cannot_be_rewritten(cast):
    from django.db import InternalError, transaction

    events = Partner.pgh_event_model.objects
    for rewrite in (lambda: events.update(city="x"), lambda: events.all().delete()):
        with pytest.raises(InternalError), transaction.atomic():
            rewrite()


def test_a_thousand_partners_are_searched_and_filtered_with_few_queries(cast, sign_in, django_assert_max_num_queries):
    Partner.objects.bulk_create(
        Partner(
            number=f"B-{i}",
            legal_name=f"Bulk {i}",
            sort_key=f"{i:05}",
            kind="agency",
            postcode=f"{i % 10}1234",
            manager=cast.petra,
            parent=cast.nord,
        )
        for i in range(1000)
    )
    browser = sign_in(cast.ada)
    for query in ("", "?region=4", "?q=Bulk+77", f"?manager__id__exact={cast.petra.pk}&status__exact=active"):
        with django_assert_max_num_queries(16):
            assert browser.get(page(Partner) + query).status_code == 200


def test_a_contract_goes_through_the_action_with_a_reason(cast, sign_in):
    draft = Contract.objects.create(partner=cast.nord, valid_from=date(2030, 1, 1), schedule=SCHEDULE)
    browser = sign_in(cast.ada)
    act = {"action": "put_in_force", "_selected_action": draft.pk}
    browser.post(page(Contract), act | {"reason": ""})
    draft.refresh_from_db()
    assert draft.status == "draft"
    Contract.objects.filter(partner=cast.nord, valid_from=START).update(valid_until=date(2030, 1, 1))
    browser.post(page(Contract), act | {"reason": "signed on paper"})
    draft.refresh_from_db()
    assert draft.status == "in_force"
    assert history_of(draft).get().reason == "signed on paper"


def test_a_contract_in_force_is_not_edited(cast, sign_in):
    contract = cast.nord.contracts.get()
    browser = sign_in(cast.ada)
    browser.post(page(Contract, "change", contract.pk), {"schedule": "better", "level": "gold", "status": "draft"})
    contract.refresh_from_db()
    assert (contract.schedule, contract.level, contract.status) == (SCHEDULE, "", "in_force")


def test_draft_contracts_are_not_shown_to_finance(cast, sign_in):
    draft = Contract.objects.create(partner=cast.nord, valid_from=date(2030, 1, 1), schedule=SCHEDULE)
    assert sign_in(cast.finn).get(page(Contract, "change", draft.pk)).status_code == 302  # "does not exist"
    assert sign_in(cast.aud).get(page(Contract, "change", draft.pk)).status_code == 200


def test_nobody_gives_rights_to_oneself(cast, sign_in):
    browser = sign_in(cast.ada)
    values = {"name": "Ada Admin", "email": cast.ada.email, "language": "en", "role": "finance", "is_active": "on"}
    formset = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    browser.post(page(User, "change", cast.ada.pk), values | formset)
    cast.ada.refresh_from_db()
    assert cast.ada.role == "administrator"
    browser.post(page(User, "change", cast.finn.pk), values | formset | {"email": "FINN@funkelnetz.example"})
    cast.finn.refresh_from_db()
    assert (cast.finn.name, cast.finn.email) == ("Ada Admin", "finn@funkelnetz.example")


def test_people_are_invited_without_a_password(cast, sign_in, mailoutbox):
    browser = sign_in(cast.ada)
    values = {"name": "Neu Hier", "email": "Neu@Nord.example", "language": "de", "role": "partner", "is_active": "on"}
    browser.post(page(User, "add"), values | {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0})
    fresh = User.objects.get(email="neu@nord.example")
    assert not fresh.has_usable_password()
    browser.post(page(User), {"action": "invite", "_selected_action": fresh.pk})
    assert [mail.to for mail in mailoutbox] == [["neu@nord.example"]]


def test_a_lost_second_factor_is_removed_with_a_reason(cast, sign_in):
    browser = sign_in(cast.ada)
    browser.post(
        page(User), {"action": "remove_second_factor", "_selected_action": cast.finn.pk, "reason": "new phone"}
    )
    assert not Authenticator.objects.filter(user=cast.finn).exists()
    assert history_of(cast.finn).get().verb == "remove_second_factor"
    browser.post(page(User), {"action": "remove_second_factor", "_selected_action": cast.ada.pk, "reason": "lazy"})
    assert Authenticator.objects.filter(user=cast.ada).exists()


def test_a_certificate_is_recorded_through_the_action(cast, sign_in):
    family = make_product().family
    values = {"holder": cast.nele.pk, "family": family.pk, "valid_from": "2026-02-01", "reason": "exam of January"}
    sign_in(cast.ada).post(page(Certificate, "add"), values)
    given = Certificate.objects.get()
    assert (given.status, given.recorded_by) == ("proposed", cast.ada)
    act = {"action": "approve", "_selected_action": given.pk}
    sign_in(cast.ada).post(page(Certificate), act)
    assert Certificate.objects.get().status == "proposed"
    sign_in(cast.carla).post(page(Certificate), act)
    assert Certificate.objects.get().status == "valid"


def test_an_overlap_of_segments_is_refused_and_a_gap_pointed_out(cast, sign_in):
    browser = sign_in(cast.hanna)  # the head of channel keeps the segments (F0-07)
    add = page(SegmentBand, "add")

    def band(low: str, high: str):
        return browser.post(
            add, {"spend_from": low, "spend_to": high, "route": "partner", "valid_from": START}, follow=True
        )

    band("0.00", "999.99")
    band("1000.00", "3000.00")
    assert "3000.00" in band("3000.00", "5000.00").content.decode()
    assert SegmentBand.objects.count() == 2
    shown = band("10000.01", "").content.decode()
    assert "3,000.01" in shown
    assert "10,000.00" in shown
    assert SegmentBand.objects.filter(spend_to=None).get().spend_from == Decimal("10000.01")


def test_other_roles_do_not_edit_segments(cast, sign_in):
    for person in (cast.carla, cast.finn, cast.aud):
        assert sign_in(person).get(page(SegmentBand, "add")).status_code == 403


def test_one_dealer_code_belongs_to_one_outlet_on_a_day(cast, sign_in):
    outlet = Outlet.objects.get(partner=cast.rival)
    values = {"code": "D-NORD", "outlet": outlet.pk, "valid_from": "2026-05-01"}
    assert sign_in(cast.ada).post(page(DealerCode, "add"), values).status_code == 200
    assert DealerCode.objects.filter(code="D-NORD").count() == 1


def test_the_clock_is_set_by_administrators(cast, sign_in):
    from django_celery_beat.models import CrontabSchedule, PeriodicTask

    nightly = CrontabSchedule.objects.create(hour="2")
    task = PeriodicTask.objects.create(name="nightly", task="x", crontab=nightly)
    browser = sign_in(cast.ada)
    html = browser.get(page(PeriodicTask, "change", task.pk)).content.decode()
    assert "periodic-task-overrides" not in html
    for model in (PeriodicTask, CrontabSchedule):
        assert browser.get(page(model)).status_code == 200
        assert browser.get(page(model, "add")).status_code == 200
