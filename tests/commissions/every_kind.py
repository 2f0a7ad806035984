"""One schedule with a component of every kind."""

EVERY_KIND = """\
schedule: sp
valid_from: 2026-01-01
freeze_days: 45
components:
  - code: data-turnover
    kind: closing
    match: {families: [data]}
    rate:
      of: order_value
      tiers:
        measure: turnover
        window: quarter
        mode: slab
        steps:
          - {from: 0, percent: 3}
          - {from: 10000, percent: 4}
    clawback: {mode: steps, steps: [{until_month: 6, percent: 100}, {until_month: 12, percent: 50}]}
    reserve_percent: 10
  - code: sim-units
    kind: closing
    match: {families: [mobile]}
    rate:
      tiers:
        measure: units
        window: month
        mode: graduated
        steps:
          - {from: 0, amount: 10.00}
          - {from: 4, amount: 12.00}
    clawback: {mode: days, months: 24}
  - code: service
    kind: recurring
    rate: {amount: 2.00}
    months: 24
  - code: half-year
    kind: window_bonus
    rate:
      of: order_value
      tiers:
        measure: turnover
        window: half_year
        mode: slab
        steps:
          - {from: 0, percent: 0}
          - {from: 40000, percent: 1}
  - code: mobile-target
    kind: target_bonus
    target: mobile-units
    mode: slab
    steps:
      - {from: 80, amount_per_unit: 4.00}
      - {from: 90, amount_per_unit: 7.00}
    settle_after_days: 45
  - code: pot
    kind: target_bonus
    target: mobile-units
    mode: slab
    steps:
      - {from: 80, amount: 3000.00}
    settle_after_days: 30
  - code: smart
    kind: campaign
    campaign: smart
    follows: [data-turnover]
    rate: {percent: 20}
  - code: spiff
    kind: campaign
    match: {families: [mobile]}
    campaign: spring
    rate: {amount: 25.00}
  - code: duo
    kind: bundle
    needs:
      - {families: [data]}
      - {products: [sim-flat]}
    within_days: 90
    rate: {amount: 30.00}
  - code: nps
    kind: uplift
    follows: [data-turnover, smart]
    by: nps
    min_answers: 30
    effective_from: 2026-04-01
    steps:
      - {from: 30, percent: 2}
      - {from: 50, percent: 4}
  - code: on-top
    kind: override
    follows: [data-turnover]
    rate: {percent: 8}
  - code: shared
    kind: split
    follows: [sim-units]
    keep_percent: 12.5
"""
