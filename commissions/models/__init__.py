"""What was promised, what was calculated, what was posted: schedules, runs, lines, statements.

The one idea: a run compares what partners are entitled to by the facts known today with what posted lines say so far,
and proposes the difference, line by line, with its cause. `DraftLine` is the proposal and is replaced whenever the run
is calculated again; `Line` is posted and never changes. Both have the same columns, because posting copies them.
"""

from commissions.models.decisions import Hold, ManualLine
from commissions.models.lines import (
    CapUse,
    Cause,
    Contribution,
    DraftLine,
    HoldReason,
    Line,
    LineFields,
    MeasuredMonth,
    Restatement,
    SettledWindow,
)
from commissions.models.runs import Finding, Fingerprint, Run, Shard
from commissions.models.schedules import (
    Basis,
    BundleNeed,
    Component,
    Kind,
    Mode,
    Schedule,
    ScheduleExample,
    ScheduleVersion,
    Window,
)
from commissions.models.simulations import Simulation
from commissions.models.statements import ReserveLine, ReserveMovement, Statement, StatementVat

__all__ = [
    "Basis",
    "BundleNeed",
    "CapUse",
    "Cause",
    "Component",
    "Contribution",
    "DraftLine",
    "Finding",
    "Fingerprint",
    "Hold",
    "HoldReason",
    "Kind",
    "Line",
    "LineFields",
    "ManualLine",
    "MeasuredMonth",
    "Mode",
    "ReserveLine",
    "ReserveMovement",
    "Restatement",
    "Run",
    "Schedule",
    "ScheduleExample",
    "ScheduleVersion",
    "SettledWindow",
    "Shard",
    "Simulation",
    "Statement",
    "StatementVat",
    "Window",
]
