"""The facts of many histories as rows, all of one sort at a time: partners and their terms, products, people, decisions.

A slot's steps are recorded sort by sort. Of what is said twice in a slot the last word counts, which is what the world
of the history says after all of them; only what is added (versions, surveys, changes of targets) keeps its sequence.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from commissions.models import Hold, ManualLine
from partners.models import Contract, DealerCode, Membership, Outlet, Partner, Role, User
from sales.models import Campaign, CampaignRegistration, Order, Product, ProductFamily
from targets.models import SurveyResult
from tests import histories as steps
from tests.reference import facts
from tests.reference.facts import World
from tests.replay.promises import Promises
from training.models import Certificate

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
Said = list[tuple[str, object]]  # facts, each with the prefix of its history


def person(key: str, role: Role = Role.PARTNER) -> User:
    return User(email=f"{key}@replay.example".lower(), name=key, role=role, password="!")


class Recording:
    """Keeps the rows that later facts refer to, by prefixed code."""

    def __init__(self, *, by: User, second: User) -> None:
        self.by, self.second = by, second
        self.partners: dict[str, Partner] = {}
        self.people: dict[str, User] = {}
        self.families: dict[str, ProductFamily] = {}
        self.products: dict[str, Product] = {}
        self.certificates: dict[str, Certificate] = {}
        self.campaigns: dict[str, Campaign] = {}
        self.holds: dict[str, Hold] = {}
        self.promises = Promises(self.partners, by=by, second=second, now=NOW)

    def build(self, worlds: Mapping[str, World]) -> None:
        def every(field: str) -> Said:
            return [(prefix, each) for prefix, world in worlds.items() for each in getattr(world, field)]

        self._partners(every("partners"))
        self._dealer_codes(every("dealer_codes"))
        self._products(every("products"))
        self._memberships(every("memberships"))
        self._certificates(every("certificates"))
        self._contracts(every("contracts"))
        self._campaigns(every("campaigns"))
        self.promises.targets(every("targets"))
        self.promises.publish(every("versions"))

    def record(self, said: Iterable[tuple[str, steps.Step]], worlds: Mapping[str, World]) -> None:
        by_sort: dict[type, Said] = {}
        for prefix, step in said:
            by_sort.setdefault(type(step), []).append((prefix, next(iter(vars(step).values()))))

        def every(sort: type) -> Said:
            return by_sort.get(sort, [])

        self.promises.publish(every(steps.Published))
        self._memberships(every(steps.Joined))
        self._certificates(every(steps.Certified))
        revoked = [self.certificates[f"{p}-{k}"].pk for p, k in every(steps.Revoked) if f"{p}-{k}" in self.certificates]
        Certificate.objects.filter(pk__in=revoked).update(status=Certificate.Status.REVOKED)
        self._agreed({(prefix, partner) for prefix, partner in every(steps.Agreed)}, worlds)
        self._offered(every(steps.Offered))
        self._holds(every(steps.Held))
        released = [self.holds[f"{p}-{k}"].pk for p, k in every(steps.Released) if f"{p}-{k}" in self.holds]
        Hold.objects.filter(pk__in=released).update(released_at=NOW, released_by=self.by)
        self._manual_lines(every(steps.Granted))
        self._registrations(every(steps.Registered))
        self.promises.targets(every(steps.Targeted))
        self._surveys(every(steps.Surveyed))

    # ---- partners and products ----
    def _partners(self, said: Said) -> None:
        for prefix, p in said:
            number = f"{prefix}-{p.number}"
            self.partners[number] = Partner(
                number=number, kind=p.kind, vat_status=p.vat, legal_name=number, sort_key=number
            )
        Partner.objects.bulk_create(self.partners.values())

    def _dealer_codes(self, said: Said) -> None:
        outlets = {number: Outlet(partner=partner, name=number) for number, partner in self.partners.items()}
        Outlet.objects.bulk_create(outlets.values())
        DealerCode.objects.bulk_create(
            DealerCode(
                code=f"{prefix}-{c.code}",
                outlet=outlets[f"{prefix}-{c.partner}"],
                valid_from=c.valid_from,
                valid_until=c.valid_until,
            )
            for prefix, c in said
        )

    def _contracts(self, said: Said) -> None:
        Contract.objects.bulk_create(
            Contract(
                partner=self.partners[f"{prefix}-{c.partner}"],
                status=Contract.Status.IN_FORCE,
                schedule=f"{prefix}-{c.schedule}",
                level=c.level,
                parent=self.partners[f"{prefix}-{c.parent}"] if c.parent else None,
                valid_from=c.valid_from,
                valid_until=c.valid_until,
            )
            for prefix, c in said
        )

    def _agreed(self, partners: set[tuple[str, str]], worlds: Mapping[str, World]) -> None:
        Contract.objects.filter(partner__in=[self.partners[f"{prefix}-{p}"] for prefix, p in partners]).delete()
        self._contracts(
            [(prefix, c) for prefix, p in sorted(partners) for c in worlds[prefix].contracts if c.partner == p]
        )

    def _products(self, said: Said) -> None:
        families = sorted({f"{prefix}-{p.family}" for prefix, p in said})
        self.families = {code: ProductFamily(code=code, title_de=code, title_en=code) for code in families}
        ProductFamily.objects.bulk_create(self.families.values())
        for prefix, p in said:
            code, family = f"{prefix}-{p.code}", self.families[f"{prefix}-{p.family}"]
            self.products[code] = Product(code=code, family=family, title_de=code, title_en=code, **_portfolio(p))
        Product.objects.bulk_create(self.products.values())

    def _offered(self, said: Said) -> None:
        changed = {f"{prefix}-{p.code}": p for prefix, p in said}
        for code, product in changed.items():
            for name, value in _portfolio(product).items():
                setattr(self.products[code], name, value)
        fields = ["state", "portfolio_from", "portfolio_until"]
        Product.objects.bulk_update([self.products[code] for code in changed], fields)

    # ---- people ----
    def _people(self, keys: Iterable[str]) -> None:
        new = {key: person(key) for key in sorted(set(keys) - self.people.keys())}
        User.objects.bulk_create(new.values())
        self.people |= new

    def _memberships(self, said: Said) -> None:
        self._people(f"{prefix}-{m.person}" for prefix, m in said)
        Membership.objects.bulk_create(
            Membership(
                user=self.people[f"{prefix}-{m.person}"],
                partner=self.partners[f"{prefix}-{m.partner}"],
                role=Membership.Role.SELLER,
                valid_from=m.valid_from,
                valid_until=m.valid_until,
            )
            for prefix, m in said
        )

    def _certificates(self, said: Said) -> None:
        self._people(f"{prefix}-{c.person}" for prefix, c in said)  # some belong to nobody who sells
        new = {
            f"{prefix}-{c.key}": Certificate(
                holder=self.people[f"{prefix}-{c.person}"],
                family=self.families[f"{prefix}-{c.family}"],
                status=Certificate.Status.REVOKED if c.revoked else Certificate.Status.VALID,
                valid_from=c.valid_from,
                valid_until=c.valid_until,
                recorded_at=NOW,
            )
            for prefix, c in said
        }
        Certificate.objects.bulk_create(new.values())
        self.certificates |= new

    # ---- decisions ----
    def _holds(self, said: Said) -> None:
        """Also a second one of the same, which the office refuses: the engine must not mind it."""
        numbers = [f"{prefix}-{hold.order}" for prefix, hold in said if hold.order]
        orders = {order.order_no: order for order in Order.objects.filter(order_no__in=numbers)}
        new = {
            f"{prefix}-{hold.key}": Hold(
                partner=self.partners[f"{prefix}-{hold.partner}"] if hold.partner else None,
                order=orders[f"{prefix}-{hold.order}"] if hold.order else None,
                component_code=f"{prefix}-{hold.component}" if hold.component else "",
                reason="checked",
                placed_at=NOW,
                placed_by=self.by,
            )
            for prefix, hold in said
        }
        Hold.objects.bulk_create(new.values())
        self.holds |= new

    def _manual_lines(self, said: Said) -> None:
        ManualLine.objects.bulk_create(
            ManualLine(
                partner=self.partners[f"{prefix}-{manual.partner}"],
                amount=manual.amount,
                reason="replay",
                status=ManualLine.Status.APPROVED,
                proposed_at=NOW,
                proposed_by=self.by,
                decided_at=NOW,
                decided_by=self.second,
            )
            for prefix, manual in said
        )

    def _campaigns(self, said: Said) -> None:
        for prefix, c in said:
            code = f"{prefix}-{c.code}"
            left_out = {field: [f"{prefix}-{x}" for kind, x in c.excluded if kind == name] for name, field in EXCLUDES}
            self.campaigns[code] = Campaign(
                code=code,
                title_de=code,
                title_en=code,
                status=Campaign.Status.APPROVED,
                valid_from=c.valid_from,
                valid_until=c.valid_until,
                registration_required=c.registration,
                cap_units=c.cap_units,
                cap_amount=c.cap_amount,
                stackable=c.stackable,
                saved_at=NOW,
                saved_by=self.by,
                approved_at=NOW,
                approved_by=self.second,
                **{field: sorted(codes) or None for field, codes in left_out.items()},
            )
        Campaign.objects.bulk_create(self.campaigns.values())

    def _registrations(self, said: Said) -> None:
        CampaignRegistration.objects.bulk_create(
            CampaignRegistration(
                campaign=self.campaigns[f"{prefix}-{r.campaign}"],
                partner=self.partners[f"{prefix}-{r.partner}"],
                registered_on=r.since,
                registered_at=NOW,
            )
            for prefix, r in said
        )

    def _surveys(self, said: Said) -> None:
        SurveyResult.objects.bulk_create(
            SurveyResult(
                partner=self.partners[f"{prefix}-{s.partner}"],
                quarter=s.quarter,
                promoters=s.promoters,
                passives=s.passives,
                detractors=s.detractors,
                recorded_at=NOW,
                recorded_by=self.by,
            )
            for prefix, s in said
        )


EXCLUDES = (("product", "exclude_products"), ("family", "exclude_families"), ("partner", "exclude_partners"))


def _portfolio(product: facts.Product) -> dict:
    state = Product.State.ANNOUNCED if product.portfolio_from is None else Product.State.RELEASED
    return {"state": state, "portfolio_from": product.portfolio_from, "portfolio_until": product.portfolio_until}
