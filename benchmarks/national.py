"""A national channel with a schedule that uses every kind, and months of orders and revenue synthesised by SQL.

Orders come in groups of four (ISDN, DSL, mobile, VPN) of one partner; every fifth group is one customer, who buys a
bundle. One order in fifty is cancelled two weeks after its activation, one mobile order in ten names the campaign.
Revenue: one row per order of the month, and one for every fifth order of the month before.
"""

from datetime import UTC, date, datetime

from django.db import connection

from commissions import actions
from partners.models import Contract, DealerCode, Membership, Outlet, Partner, Role, User
from sales.actions import save_campaign
from sales.models import FeedImport, Product, ProductFamily
from targets.models import Agreement, AgreementItem, Kpi, SurveyResult
from training.models import Certificate

NOW = datetime(2026, 12, 30, tzinfo=UTC)
FAMILIES = ["isdn", "dsl", "mobile", "vpn"]
SCHEDULE = """
schedule: national
valid_from: 2026-01-01
components:
  - {code: isdn-closing, kind: closing, match: {families: [isdn, vpn]}, rate: {amount: 45.00}, clawback: {mode: months, months: 24}, reserve_percent: 10}
  - {code: dsl-units, kind: closing, match: {families: [dsl]}, rate: {tiers: {measure: units, window: quarter, mode: graduated, steps: [{from: 0, amount: 30.00}, {from: 30, amount: 35.00}, {from: 90, amount: 42.00}]}}, clawback: {mode: full, months: 12}}
  - {code: mobile-value, kind: closing, match: {families: [mobile]}, rate: {of: order_value, tiers: {measure: turnover, window: quarter, mode: slab, steps: [{from: 0, percent: 5}, {from: 20000, percent: 6}, {from: 75000, percent: 7.5}]}}, clawback: {mode: months, months: 24}}
  - {code: airtime, kind: recurring, match: {families: [isdn, dsl, mobile]}, rate: {percent: 4, of: revenue}, months: 24}
  - {code: vpn-care, kind: recurring, match: {families: [vpn]}, rate: {amount: 2.50}, months: 3, certificate: vpn}
  - {code: volume, kind: window_bonus, match: {families: [mobile, vpn]}, rate: {of: order_value, tiers: {measure: turnover, window: quarter, mode: slab, steps: [{from: 0, percent: 0}, {from: 50000, percent: 1}]}}}
  - {code: goal, kind: target_bonus, target: units, mode: slab, settle_after_days: 0, steps: [{from: 80, amount_per_unit: 0.50}, {from: 100, amount_per_unit: 1.00}]}
  - {code: pair, kind: bundle, needs: [{families: [isdn]}, {families: [dsl]}], within_days: 30, rate: {amount: 20.00}, clawback: {mode: months, months: 12}}
  - {code: summer, kind: campaign, campaign: summer, follows: [mobile-value], rate: {percent: 10}}
  - {code: satisfied, kind: uplift, by: nps, follows: [mobile-value], steps: [{from: 30, percent: 2}, {from: 50, percent: 4}]}
  - {code: on-top, kind: override, follows: [isdn-closing, dsl-units], rate: {percent: 8}}
  - {code: shared, kind: split, follows: [mobile-value], keep_percent: 12.5}
"""


def make_channel(partners: int, orders: int) -> dict[str, User]:
    """Partners (one in ten a distributor, who has half of the others below), contracts, certificates, targets, survey
    results, a campaign whose cap four months of `orders` do not reach, and the people who run it all."""
    people = {
        role: User.objects.create_user(f"{role}@bench.example", name=role, role=role)
        for role in (Role.COMMISSION_CONTROLLER, Role.HEAD_OF_CHANNEL, Role.FINANCE)
    }
    controller, head = people[Role.COMMISSION_CONTROLLER], people[Role.HEAD_OF_CHANNEL]
    for code in FAMILIES:
        family = ProductFamily.objects.create(code=code, title_de=code, title_en=code)
        Product.objects.create(
            code=f"{code}-1",
            family=family,
            title_de=code,
            title_en=code,
            state="released",
            portfolio_from=date(2020, 1, 1),
        )
    made = Partner.objects.bulk_create(
        Partner(
            number=f"P-{n:05}",
            kind="system_partner" if n % 10 else "distributor",
            legal_name=f"Bench {n}",
            sort_key=str(n),
        )
        for n in range(partners)
    )
    since = date(2026, 1, 1)
    Contract.objects.bulk_create(
        Contract(
            partner=p,
            valid_from=since,
            status="in_force",
            schedule="national",
            parent=made[n // 10 * 10] if n % 2 else None,
        )
        for n, p in enumerate(made)
    )
    outlet = Outlet.objects.create(partner=made[1], name="Bench")
    DealerCode.objects.create(code="BENCH", outlet=outlet, valid_from=since)
    sellers = User.objects.bulk_create(User(email=f"s{n}@bench.example", name=f"S {n}") for n in range(partners))
    Membership.objects.bulk_create(
        Membership(user=s, partner=p, role="seller", valid_from=since) for s, p in zip(sellers, made, strict=True)
    )
    vpn = ProductFamily.objects.get(code="vpn")
    Certificate.objects.bulk_create(
        Certificate(holder=s, family=vpn, valid_from=since, status="valid", recorded_at=NOW) for s in sellers
    )
    units = Kpi.objects.create(code="units", title_de="Stück", title_en="Units")
    agreements = Agreement.objects.bulk_create(
        Agreement(partner=p, year=2026, status="in_force", proposed_at=NOW) for p in made
    )
    AgreementItem.objects.bulk_create(
        AgreementItem(
            agreement=a, kpi=units, annual=max(orders * 12 // partners, 12), weights=[1] * 12, period="quarter"
        )
        for a in agreements
    )
    SurveyResult.objects.bulk_create(
        SurveyResult(
            partner=p,
            quarter=date(2026, quarter, 1),
            promoters=20 + n % 20,
            passives=9,
            detractors=n % 15,
            recorded_at=NOW,
        )
        for n, p in enumerate(made)
        for quarter in (1, 4, 7, 10)
        if n % 4
    )
    save_campaign(
        code="summer",
        valid_from=since,
        valid_until=None,
        registration="none",
        cap_units=orders,
        cap_amount=None,
        exclude={"products": [], "families": [], "partners": []},
        stackable=True,
        by=controller,
        approved_by=head,
        now=NOW,
    )
    draft = actions.save_draft(SCHEDULE, by=controller, now=NOW)
    actions.publish_version(draft, by=head, now=NOW)
    return people


def make_month(orders: int, month: date) -> None:
    """Orders activated in `month` with their revenue, as a finished import would have left them."""
    delivered = FeedImport.objects.create(source="api", filename="bench", received_at=NOW, status="done")
    given = {"month": month, "orders": orders, "import": delivered.pk}
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO sales_order (order_no, partner_id, dealer_code, status, product, transaction, customer_no,
                   customer_class, quantity, order_value, monthly_price, signed_on, activated_on, cancelled_on, reason,
                   last_event_on, campaign, feed_import_id)
               SELECT to_char(%(month)s::date, 'YYMM') || '-' || n, p.ids[1 + n / 4 %% cardinality(p.ids)], 'D', 'active',
                      (ARRAY['isdn-1', 'dsl-1', 'mobile-1', 'vpn-1'])[1 + n %% 4],
                      CASE WHEN n %% 10 < 7 THEN 'new' ELSE 'renewal' END,
                      'C-' || to_char(%(month)s::date, 'YYMM') || CASE WHEN n / 4 %% 5 = 0 THEN n / 4 * 4 ELSE n END, 'soho',
                      1 + n %% 2, 100 + n %% 900, 9.95 + n %% 40, %(month)s::date + n %% 10,
                      %(month)s::date + 10 + n %% 10, CASE WHEN n %% 50 = 0 THEN %(month)s::date + 24 END,
                      CASE WHEN n %% 50 = 0 THEN 'CUSTOMER_MOVED' END,
                      %(month)s::date + CASE WHEN n %% 50 = 0 THEN 24 ELSE 10 + n %% 10 END,
                      CASE WHEN n %% 40 = 2 THEN 'summer' END, %(import)s
               FROM generate_series(0, %(orders)s - 1) n, (SELECT array_agg(id ORDER BY id) AS ids FROM partners_partner) p""",
            given,
        )
        cursor.execute(
            """INSERT INTO sales_revenue (order_id, month, amount, feed_import_id)
               SELECT id, %(month)s, 20 + id %% 80 + 0.37, %(import)s FROM sales_order WHERE feed_import_id = %(import)s
               UNION ALL
               SELECT id, %(month)s, 25.55, %(import)s
               FROM sales_order WHERE feed_import_id = %(import)s - 1 AND id %% 5 = 0""",
            given,
        )
        cursor.execute("VACUUM ANALYZE sales_order")
        cursor.execute("VACUUM ANALYZE sales_revenue")
