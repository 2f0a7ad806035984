"""The steps of an example, done by the actions of real use, in whatever database is the default one: a scratch one.

Master data is written straight into the tables, as the administration does; feed, schedules, runs, holds and manual lines
go through the actions, by invented people of the roles that may do it.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from functools import singledispatchmethod
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from commissions import actions
from commissions import models as commissions
from commissions.schedule_document import Document, export
from partners import models as partners
from partners.actions import tax_from
from partners.models import Role, User
from sales import actions as feeds
from sales import models as sales
from sales.importing import import_text
from targets import actions as targets
from training import models as training

from .document import (
    Campaign,
    Certificate,
    Contract,
    Example,
    Feed,
    Hold,
    Manual,
    Partner,
    Registration,
    Release,
    Run,
    Segment,
    Step,
    Survey,
    Target,
)
from .names import catalogue

ALWAYS = date(1900, 1, 1)
SYSTEM = "examples.invalid"


class Stopped(Exception):  # noqa: N818 - the example cannot be played to its end; the message says at which step
    pass


def play(example: Example) -> list[str]:
    """Sets up the world and takes every step. Returns what the feed did not take, a sentence a row."""
    player = Player()
    player.set_up(example)
    for number, step in enumerate(example.steps):
        try:
            player.take(step)
        except Exception as error:
            reason = str(error) or type(error).__name__
            raise Stopped(f"steps[{number}]: {reason}") from error
    return player.notes


class Player:
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.targets: dict[tuple[str, str, int], dict[str, Any]] = {}  # what was said last
        self.controller = self._office("controller", Role.COMMISSION_CONTROLLER)
        self.finance = self._office("finance", Role.FINANCE)
        self.head = self._office("head", Role.HEAD_OF_CHANNEL)

    @property
    def now(self) -> datetime:
        return timezone.now()

    def _office(self, name: str, role: Role) -> User:
        return User.objects.create_user(f"{name}@{SYSTEM}", name=f"Example {name}", role=role, language="en")

    # ---- the world ----------------------------------------------------------------------------------------------
    def set_up(self, example: Example) -> None:
        one_off = {product.family for product in example.products if product.one_off}
        for product in example.products:
            sales.Product.objects.create(
                code=product.code,
                family=self._family(product.family, one_off=product.family in one_off),
                title_de=product.code,
                title_en=product.code,
                state=sales.Product.State.RELEASED,
                portfolio_from=ALWAYS,
            )
        for code in catalogue(example).families:
            self._family(code)
        for partner in example.partners:
            self._partner(partner)
        for partner in example.partners:
            if partner.parent:
                parent = partners.Partner.objects.get(number=partner.parent)
                partners.Partner.objects.filter(number=partner.number).update(parent=parent)
        for document in example.schedules:
            self.take(document)
        for partner in example.partners:
            if partner.contract:
                self.take(partner.contract)
        for part in (example.certificates, example.targets, example.surveys, example.campaigns, example.segments):
            for fact in part:
                self.take(fact)

    def _family(self, code: str, *, one_off: bool = False) -> sales.ProductFamily:
        titles = {"title_de": code, "title_en": code, "one_off": one_off}
        return sales.ProductFamily.objects.get_or_create(code=code, defaults=titles)[0]

    def _partner(self, said: Partner) -> None:
        partner = partners.Partner.objects.create(
            number=said.number,
            kind=said.kind,
            level=said.level or "",
            legal_name=f"Example partner {said.number}",
            vat_status=said.vat,
        )
        outlet = partners.Outlet.objects.create(partner=partner, name=said.number)
        if said.dealer_code:
            partners.DealerCode.objects.create(code=said.dealer_code, outlet=outlet, valid_from=ALWAYS)

    # ---- the steps ----------------------------------------------------------------------------------------------
    @singledispatchmethod
    def take(self, step: Step) -> None:
        raise NotImplementedError(type(step).__name__)

    @take.register
    def _(self, step: Document) -> None:
        draft = actions.save_draft(export(step), by=self.controller, now=self.now)
        actions.publish_version(draft, by=self.head, now=self.now, reason="example")

    @take.register
    def _(self, step: Feed) -> None:
        done = import_text(step.text, by=self.controller, now=self.now, allow_future=True)
        if done.status != sales.FeedImport.Status.DONE:
            raise Stopped(done.error)
        for issue in done.issues.all():
            place = _("feed row in line %d") % issue.line
            self.notes.append(f"{place}: {issue.code} {issue.field} {issue.value}".rstrip())
        for parked in done.parked.exclude(cause=sales.Parked.Cause.ORDER_NOT_CAPTURED).select_related("event"):
            self.notes.append(f"{parked.event.event_id}: {parked.get_cause_display()} {parked.value}".rstrip())

    @take.register
    def _(self, step: Run) -> None:
        run = actions.create_run(month=step.month, by=self.controller, now=self.now)
        actions.request_calculation(run, by=self.controller, now=self.now)
        actions.calculate_run(run, now=self.now)
        run.refresh_from_db()
        findings = [str(finding) for finding in run.findings.contradictions()]
        if findings:
            raise Stopped(_("the run contradicts itself: %s") % ", ".join(findings))
        # An example pins down what a schedule means; how its few cents compare with other months tells nobody anything.
        actions.waive_findings(run, by=self.finance, now=self.now, reason="worked example")
        actions.approve_run(run, by=self.finance, now=self.now)
        actions.post_run(run, by=self.finance, now=self.now)

    @take.register
    def _(self, step: Contract) -> None:
        """A contract ends the one before it; what is left out stays as it was in that one."""
        partner = partners.Partner.objects.get(number=step.partner)
        in_force = partner.contracts.filter(status="in_force")
        before = in_force.filter(valid_from__lte=step.valid_from).order_by("-valid_from").first()
        parent = partners.Partner.objects.filter(number=step.parent).first() if step.parent else None
        schedule = step.schedule or (before.schedule if before else None)
        if schedule is None:
            raise Stopped(_("the contract names no schedule, and there is none before it"))
        level = step.level if step.level is not None else before.level if before else ""
        in_force.filter(valid_from__gte=step.valid_from).delete()
        in_force.filter(valid_until__isnull=True).update(valid_until=step.valid_from)
        in_force.filter(valid_until__gt=step.valid_from).update(valid_until=step.valid_from)
        partners.Contract.objects.create(
            partner=partner,
            valid_from=step.valid_from,
            valid_until=step.valid_until,
            status=partners.Contract.Status.IN_FORCE,
            schedule=schedule,
            level=level or "",
            parent=parent or (before.parent if before else None),
            self_billing_accepted_on=step.valid_from,
            self_billing_accepted_by=f"Example partner {step.partner}",
        )
        if step.vat:
            tax_from(partner, vat_status=step.vat, since=step.valid_from)

    @take.register
    def _(self, step: Certificate) -> None:
        partner = partners.Partner.objects.get(number=step.partner)
        if step.revoked:
            self._revoke(step, partner)
            return
        name = step.person or f"Member {User.objects.count()}"
        email = f"{name}@{SYSTEM}".replace(" ", ".").lower()
        holder = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
        partners.Membership.objects.get_or_create(
            user=holder, partner=partner, defaults={"valid_from": ALWAYS, "role": partners.Membership.Role.SELLER}
        )
        training.Certificate.objects.create(
            holder=holder,
            family=self._family(step.family),
            valid_from=step.valid_from,
            valid_until=step.valid_until,
            status=training.Certificate.Status.VALID,
            recorded_at=self.now,
        )

    def _revoke(self, step: Certificate, partner: partners.Partner) -> None:
        certificates = training.Certificate.objects.filter(
            holder__memberships__partner=partner, family__code=step.family, valid_from=step.valid_from
        )
        if step.person:
            certificates = certificates.filter(holder__name=step.person)
        revoked = training.Certificate.objects.filter(pk__in=certificates.values("pk"))
        if not revoked.update(status=training.Certificate.Status.REVOKED):
            raise Stopped(_("there is no such certificate to revoke"))

    @take.register
    def _(self, step: Target) -> None:
        key = (step.partner, step.kpi, step.year)
        said = {each.name: value for each in fields(step) if (value := getattr(step, each.name)) is not None}
        said["adjustments"] = [adjustment.said() for adjustment in step.adjustments]
        before = self.targets.get(key, {})
        if "annual" not in said and "annual" not in before:
            raise Stopped(_("the target has no annual value, and there is none before it"))
        self.targets[key] = agreed = {**before, **said}
        partner = partners.Partner.objects.get(number=step.partner)
        # What is not said again stays as it stands, which need not be what was said first.
        once_more = {**agreed, "partner": partner, "annual": said.get("annual")}
        targets.record_agreement(**once_more, by=None, now=self.now)

    @take.register
    def _(self, step: Survey) -> None:
        targets.record_survey(
            partners.Partner.objects.get(number=step.partner),
            step.quarter,
            step.promoters,
            step.passives,
            step.detractors,
            by=self.controller,
            reason="example",
            now=self.now,
        )

    @take.register
    def _(self, step: Campaign) -> None:
        terms = {each.name: getattr(step, each.name) for each in fields(step)} | {"exclude": dict(step.exclude)}
        campaign = feeds.save_campaign(**terms, by=self.controller, now=self.now)
        feeds.approve_campaign(campaign, by=self.head, now=self.now)

    @take.register
    def _(self, step: Segment) -> None:
        said = {each.name: getattr(step, each.name) for each in fields(step)}
        sales.SegmentBand.objects.update_or_create(spend_from=said.pop("spend_from"), defaults=said)

    @take.register
    def _(self, step: Registration) -> None:
        campaign = sales.Campaign.objects.get(code=step.campaign)
        partner = partners.Partner.objects.get(number=step.partner)
        # By the system: an example registers for days that may be long over.
        start = step.valid_from or campaign.valid_from
        feeds.register_for_campaign(campaign, partner, on=start, by=None, now=self.now)

    @take.register
    def _(self, step: Release) -> None:
        holds = commissions.Hold.objects.filter(released_at__isnull=True, component_code=step.component or "")
        holds = holds.filter(partner__number=step.partner) if step.partner else holds.filter(partner__isnull=True)
        holds = holds.filter(order__order_no=step.order) if step.order else holds.filter(order__isnull=True)
        if not holds:
            raise Stopped(_("there is no such hold to release"))
        for hold in holds:
            actions.release_hold(hold, by=self.controller, now=self.now)

    @take.register
    def _(self, step: Hold) -> None:
        actions.place_hold(
            by=self.controller,
            now=self.now,
            reason=step.reason or "example",
            partner=partners.Partner.objects.get(number=step.partner) if step.partner else None,
            order=sales.Order.objects.get(order_no=step.order) if step.order else None,
            component=step.component or "",
        )

    @take.register
    def _(self, step: Manual) -> None:
        partner = partners.Partner.objects.get(number=step.partner)
        line = actions.propose_manual_line(
            partner, amount=step.amount, reason=step.reason or "example", by=self.controller, now=self.now
        )
        actions.decide_manual_line(line, approve=True, by=self.head, now=self.now)
