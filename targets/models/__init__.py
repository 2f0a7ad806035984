"""What was agreed with partners, what changed since, how far they are; and how satisfied their customers are.

kpi.py          what is counted
agreements.py   partner × year, offered, accepted, settled
adjustments.py  changes of an agreement: events, never edits
attainment.py   daily snapshots and the frozen result
alerts.py       what somebody should hear of
quality.py      what customers answered, whose answer it is, when partners may look
footfall.py     visits to outlets
plans.py        what partners do about what customers said
support.py      what the operator does for them in a half-year
"""

from targets.models.adjustments import Adjustment, Confirmation, Proposal, ProposalMember, ReasonCode
from targets.models.agreements import Agreement, AgreementItem
from targets.models.alerts import Alert, AlertChoice
from targets.models.attainment import Settlement, Snapshot
from targets.models.footfall import Footfall
from targets.models.kpi import Kpi, Measure, Period, SeasonalWeights, Unit
from targets.models.plans import PlanTask
from targets.models.quality import (
    Delivery,
    DeliveryIssue,
    Question,
    Reassignment,
    Response,
    SurveyClass,
    SurveyQuarter,
    SurveyResult,
    Touchpoint,
)
from targets.models.support import SupportMeasure

__all__ = [
    "Adjustment",
    "Agreement",
    "AgreementItem",
    "Alert",
    "AlertChoice",
    "Confirmation",
    "Delivery",
    "DeliveryIssue",
    "Footfall",
    "Kpi",
    "Measure",
    "Period",
    "PlanTask",
    "Proposal",
    "ProposalMember",
    "Question",
    "ReasonCode",
    "Reassignment",
    "Response",
    "SeasonalWeights",
    "Settlement",
    "Snapshot",
    "SupportMeasure",
    "SurveyClass",
    "SurveyQuarter",
    "SurveyResult",
    "Touchpoint",
    "Unit",
]
