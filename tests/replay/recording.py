"""The facts of many histories as rows, all of one sort at a time: partners and their terms, products, people.

A slot's steps are recorded sort by sort. Of what is said twice in a slot the last word counts, which is what the world
of the history says after all of them; only what is added (versions, surveys, changes of targets) keeps its sequence.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from partners.actions import tax_from
from partners.models import Contract, DealerCode, Membership, Outlet, Partner, Role, User
from sales.models import Product, ProductFamily, SegmentBand
from tests import histories as steps
from tests.reference import facts
from tests.reference.facts import World
from tests.replay.decisions import Decisions, Said
from tests.replay.promises import Promises
from training.models import Certificate

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def person(key: str, role: Role = Role.PARTNER) -> User:
    return User(email=f"{key}@replay.example".lower(), name=key, role=role, password="!")


class Recording:
    """Keeps the rows that later facts refer to, by prefixed code."""

    def __init__(self, *, by: User, second: User) -> None:
        self.partners: dict[str, Partner] = {}
        self.people: dict[str, User] = {}
        self.families: dict[str, ProductFamily] = {}
        self.products: dict[str, Product] = {}
        self.certificates: dict[str, Certificate] = {}
        self.promises = Promises(self.partners, by=by, second=second, now=NOW)
        self.decisions = Decisions(self.partners, by=by, second=second, now=NOW)

    def build(self, worlds: Mapping[str, World]) -> None:
        def every(field: str) -> Said:
            return [(prefix, each) for prefix, world in worlds.items() for each in getattr(world, field)]

        self._partners(every("partners"))
        self._dealer_codes(every("dealer_codes"))
        self._products(every("products"))
        self._memberships(every("memberships"))
        self._certificates(every("certificates"))
        self._contracts(every("contracts"))
        self.decisions.campaigns(every("campaigns"))
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
        self._taxed(every(steps.Taxed))
        self._became(every(steps.Became))
        self._offered(every(steps.Offered))
        self.decisions.reword(every(steps.Reworded))
        self.decisions.holds(every(steps.Held))
        self.decisions.release(every(steps.Released))
        self.decisions.manual_lines(every(steps.Granted))
        self.decisions.registrations(every(steps.Registered))
        self.decisions.withdraw(every(steps.Withdrawn))
        self.promises.targets(every(steps.Targeted))
        self.decisions.surveys(every(steps.Surveyed))

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

    def _taxed(self, said: Said) -> None:
        for prefix, taxation in said:
            partner = self.partners[f"{prefix}-{taxation.partner}"]
            tax_from(partner, vat_status=taxation.vat, since=taxation.since)
            partner.refresh_from_db()

    def _became(self, said: Said) -> None:
        for prefix, p in said:
            partner = self.partners[f"{prefix}-{p.number}"]
            partner.kind = p.kind
            partner.save(update_fields=["kind"])

    def _products(self, said: Said) -> None:
        families = sorted({f"{prefix}-{p.family}" for prefix, p in said})
        self.families = {code: ProductFamily(code=code, title_de=code, title_en=code) for code in families}
        ProductFamily.objects.bulk_create(self.families.values())
        for prefix, p in said:
            code, family = f"{prefix}-{p.code}", self.families[f"{prefix}-{p.family}"]
            self.products[code] = Product(code=code, family=family, title_de=code, title_en=code, **_portfolio(p))
        Product.objects.bulk_create(self.products.values())

    def _offered(self, said: Said) -> None:
        changed = {f"{prefix}-{p.code}": (prefix, p) for prefix, p in said}
        for code, (prefix, product) in changed.items():
            self.products[code].family = self.families[f"{prefix}-{product.family}"]
            for name, value in _portfolio(product).items():
                setattr(self.products[code], name, value)
        fields = ["family", "state", "portfolio_from", "portfolio_until"]
        Product.objects.bulk_update([self.products[code] for code in changed], fields)

    def segments(self, said: Iterable[facts.Segment]) -> None:
        """All there are; a known one is rewritten if it is another now."""
        for band in said:
            SegmentBand.objects.update_or_create(
                spend_from=band.spend_from,
                valid_from=band.valid_from,
                defaults={
                    "spend_to": band.spend_to,
                    "route": band.route,
                    "partner_allowed": band.partner_allowed,
                    "valid_until": band.valid_until,
                },
            )

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


def _portfolio(product: facts.Product) -> dict:
    state = Product.State.ANNOUNCED if product.portfolio_from is None else Product.State.RELEASED
    return {"state": state, "portfolio_from": product.portfolio_from, "portfolio_until": product.portfolio_until}
