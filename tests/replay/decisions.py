"""What the office decides, as rows: holds, manual lines, campaigns and who takes part in them, survey results."""

from collections.abc import Mapping
from datetime import datetime

from commissions.models import Hold, ManualLine
from partners.models import Partner, User
from sales.models import Campaign, CampaignRegistration, Order
from targets.models import SurveyResult
from tests.reference import facts

Said = list[tuple[str, object]]  # facts, each with the prefix of its history
EXCLUDES = (("product", "exclude_products"), ("family", "exclude_families"), ("partner", "exclude_partners"))


class Decisions:
    def __init__(self, partners: Mapping[str, Partner], *, by: User, second: User, now: datetime) -> None:
        self.partners, self.by, self.second, self.now = partners, by, second, now
        self.placed: dict[str, Hold] = {}
        self.made: dict[str, Campaign] = {}

    def holds(self, said: Said) -> None:
        """Also a second one of the same, which the office refuses: the engine must not mind it."""
        numbers = [f"{prefix}-{hold.order}" for prefix, hold in said if hold.order]
        orders = {order.order_no: order for order in Order.objects.filter(order_no__in=numbers)}
        new = {
            f"{prefix}-{hold.key}": Hold(
                partner=self.partners[f"{prefix}-{hold.partner}"] if hold.partner else None,
                order=orders[f"{prefix}-{hold.order}"] if hold.order else None,
                component_code=f"{prefix}-{hold.component}" if hold.component else "",
                reason="checked",
                placed_at=self.now,
                placed_by=self.by,
            )
            for prefix, hold in said
        }
        Hold.objects.bulk_create(new.values())
        self.placed |= new

    def release(self, said: Said) -> None:
        released = [self.placed[f"{p}-{key}"].pk for p, key in said if f"{p}-{key}" in self.placed]
        Hold.objects.filter(pk__in=released).update(released_at=self.now, released_by=self.by)

    def manual_lines(self, said: Said) -> None:
        ManualLine.objects.bulk_create(
            ManualLine(
                partner=self.partners[f"{prefix}-{manual.partner}"],
                amount=manual.amount,
                reason="replay",
                status=ManualLine.Status.APPROVED,
                proposed_at=self.now,
                proposed_by=self.by,
                decided_at=self.now,
                decided_by=self.second,
            )
            for prefix, manual in said
        )

    def campaigns(self, said: Said) -> None:
        for prefix, c in said:
            code = f"{prefix}-{c.code}"
            self.made[code] = Campaign(
                code=code,
                title_de=code,
                title_en=code,
                status=Campaign.Status.APPROVED,
                saved_at=self.now,
                saved_by=self.by,
                approved_at=self.now,
                approved_by=self.second,
                **_terms(prefix, c),
            )
        Campaign.objects.bulk_create(self.made.values())

    def reword(self, said: Said) -> None:
        for prefix, c in said:
            Campaign.objects.filter(code=f"{prefix}-{c.code}").update(**_terms(prefix, c))

    def registrations(self, said: Said) -> None:
        CampaignRegistration.objects.bulk_create(
            CampaignRegistration(
                campaign=self.made[f"{prefix}-{r.campaign}"],
                partner=self.partners[f"{prefix}-{r.partner}"],
                registered_on=r.since,
                registered_at=self.now,
            )
            for prefix, r in said
        )

    def withdraw(self, said: Said) -> None:
        for prefix, r in said:
            CampaignRegistration.objects.filter(
                campaign=self.made[f"{prefix}-{r.campaign}"], partner=self.partners[f"{prefix}-{r.partner}"]
            ).update(withdrawn_on=r.until, withdrawn_at=self.now)

    def surveys(self, said: Said) -> None:
        SurveyResult.objects.bulk_create(
            SurveyResult(
                partner=self.partners[f"{prefix}-{s.partner}"],
                quarter=s.quarter,
                promoters=s.promoters,
                passives=s.passives,
                detractors=s.detractors,
                recorded_at=self.now,
                recorded_by=self.by,
            )
            for prefix, s in said
        )


def _terms(prefix: str, c: facts.Campaign) -> dict:
    left_out = {field: [f"{prefix}-{x}" for kind, x in c.excluded if kind == name] for name, field in EXCLUDES}
    return {
        "valid_from": c.valid_from,
        "valid_until": c.valid_until,
        "registration_required": c.registration,
        "cap_units": c.cap_units,
        "cap_amount": c.cap_amount,
        "stackable": c.stackable,
        **{field: sorted(codes) or None for field, codes in left_out.items()},
    }
