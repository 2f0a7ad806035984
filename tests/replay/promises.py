"""What partners were promised, as rows: schedule versions with their components, targets with their changes."""

from collections.abc import Mapping
from datetime import date, datetime

from commissions import explosion
from commissions.models import Schedule, ScheduleVersion
from commissions.schedule_document import Document
from commissions.schedule_document.fields import Reading
from commissions.schedule_document.reading import read_document
from commissions.schedule_document.tree import Mapping as MappingNode
from commissions.schedule_document.tree import Node, Scalar, Sequence
from partners.models import Partner, User
from targets.models import Adjustment, Agreement, AgreementItem, Kpi, Proposal
from tests.reference import facts
from tests.reference.schedules import Version
from tests.reference.writing import schedule, yaml


class Promises:
    def __init__(self, partners: Mapping[str, Partner], *, by: User, second: User, now: datetime) -> None:
        self.partners, self.by, self.second, self.now = partners, by, second, now
        self.schedules: dict[str, Schedule] = {}
        self.versions: dict[str, int] = {}  # published so far, by schedule
        self.kpis: dict[str, Kpi] = {}
        self.agreements: dict[tuple[str, int], Agreement] = {}
        self.items: dict[tuple[str, int, str], AgreementItem] = {}
        self.changes: dict[tuple[str, int, str], list[facts.Adjustment]] = {}

    # ---- schedules ----
    def publish(self, said: list[tuple[str, Version]]) -> None:
        """In this sequence."""
        codes = {f"{prefix}-{version.schedule}" for prefix, version in said} - self.schedules.keys()
        new = {code: Schedule(code=code, title_de=code, title_en=code) for code in sorted(codes)}
        Schedule.objects.bulk_create(new.values())
        self.schedules |= new
        rows = [self._version(prefix, version) for prefix, version in said]
        ScheduleVersion.objects.bulk_create(version for version, _ in rows)
        explosion.store(*rows)

    def _version(self, prefix: str, version: Version) -> tuple[ScheduleVersion, Document]:
        text = schedule(version, lambda code: f"{prefix}-{code}")
        reading = Reading()
        document = read_document(reading, "", _tree(text))
        assert document is not None, reading.problems
        self.versions[document.schedule] = self.versions.get(document.schedule, 0) + 1
        row = ScheduleVersion(
            schedule=self.schedules[document.schedule],
            sequence=self.versions[document.schedule],
            status=ScheduleVersion.Status.PUBLISHED,
            valid_from=document.valid_from,
            freeze_days=document.freeze_days,
            document=yaml(text),
            created_at=self.now,
            created_by=self.by,
            published_at=self.now,
            published_by=self.second,
        )
        return row, document

    # ---- targets ----
    def targets(self, said: list[tuple[str, facts.Target]]) -> None:
        """Targets that are new, and of known ones the changes that are."""
        if not said:
            return
        first = {self._key(prefix, target): (prefix, target) for prefix, target in reversed(said)}
        new = {key: first[key] for key in first.keys() - self.items.keys()}
        self._kpis(new)
        self._agreements(new)
        self.items |= {key: self._item(key, target) for key, (_, target) in sorted(new.items())}
        AgreementItem.objects.bulk_create(self.items[key] for key in sorted(new))
        changes = []
        for prefix, target in said:
            key = self._key(prefix, target)
            known = self.changes.setdefault(key, [])
            added = [change for change in target.adjustments if change not in known]
            known += added
            changes += [(self.items[key], change) for change in added]
        if changes:
            self._change(changes)

    def _key(self, prefix: str, target: facts.Target) -> tuple[str, int, str]:
        return f"{prefix}-{target.partner}", target.year, f"{prefix}-{target.kpi}"

    def _kpis(self, new: Mapping[tuple[str, int, str], tuple[str, facts.Target]]) -> None:
        kpis = {}
        for (_, _, code), (prefix, target) in sorted(new.items()):
            if code not in self.kpis:
                kpis[code] = Kpi(code=code, title_de=code, title_en=code, **_counted(prefix, target))
        Kpi.objects.bulk_create(kpis.values())
        self.kpis |= kpis

    def _agreements(self, new: Mapping[tuple[str, int, str], object]) -> None:
        signed = {"status": Agreement.Status.IN_FORCE, "proposed_at": self.now, "accepted_at": self.now}
        agreements = {
            (partner, year): Agreement(partner=self.partners[partner], year=year, **signed)
            for partner, year in sorted({key[:2] for key in new} - self.agreements.keys())
        }
        Agreement.objects.bulk_create(agreements.values())
        self.agreements |= agreements

    def _item(self, key: tuple[str, int, str], target: facts.Target) -> AgreementItem:
        return AgreementItem(
            agreement=self.agreements[key[:2]],
            kpi=self.kpis[key[2]],
            annual=target.annual,
            period=target.period,
            weights=list(target.weights),
            **_counted(key[2].removesuffix(f"-{target.kpi}"), target),
        )

    def _change(self, changes: list[tuple[AgreementItem, facts.Adjustment]]) -> None:
        told = {"reason_code": "other", "reason": "replay", "effective_on": date(2020, 1, 1)}
        proposal = Proposal.objects.create(
            year=2020,
            title="replay",
            steps=[],
            status=Proposal.Status.APPROVED,
            requested_at=self.now,
            needs_confirmation=False,
            **told,
        )
        Adjustment.objects.bulk_create(
            Adjustment(
                item=item,
                proposal=proposal,
                kind=change.kind,
                window_from=change.since,
                window_until=change.until,
                recorded_at=self.now,
                **{{"set": "value", "scale": "factor"}.get(change.kind, "value"): change.value},
                **told,
            )
            for item, change in changes
        )


def _counted(prefix: str, target: facts.Target) -> dict:
    return {
        "unit": {"units": "pieces", "turnover": "EUR"}[target.measure],
        "measure": target.measure,
        "families": sorted(f"{prefix}-{family}" for family in target.families or ()),
        "transactions": list(target.transactions or ()),
    }


def _tree(value: object) -> Node:
    """What the reader makes of the document as text, without having to write it and to read it."""
    if isinstance(value, dict):
        return MappingNode(0, [(Scalar(key, True, 0), _tree(v)) for key, v in value.items() if v not in (None, "", {})])
    if isinstance(value, list | tuple):
        return Sequence(0, [_tree(v) for v in value])
    return Scalar(str(value), True, 0)
