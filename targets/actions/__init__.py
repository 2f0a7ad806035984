"""The only place of this room that writes; one module a subject."""

from targets.actions.adjustments import (
    approve_adjustment,
    confirm_adjustment,
    decline_adjustment,
    propose_adjustment,
    propose_undo,
)
from targets.actions.agreements import (
    Goal,
    accept_agreement,
    decline_agreement,
    offer_agreement,
    propose_agreement,
    record_agreement,
    withdraw_agreement,
)
from targets.actions.deliveries import receive_footfall, receive_responses, retry_quarantine
from targets.actions.footfall import record_footfall
from targets.actions.plans import close_task, plan_task
from targets.actions.quality import (
    approve_reassignment,
    decline_reassignment,
    pool_quarter,
    record_survey,
    release_quarter,
    request_reassignment,
)
from targets.actions.support import announce_measure, withdraw_measure

__all__ = [
    "Goal",
    "accept_agreement",
    "announce_measure",
    "approve_adjustment",
    "approve_reassignment",
    "close_task",
    "confirm_adjustment",
    "decline_adjustment",
    "decline_agreement",
    "decline_reassignment",
    "offer_agreement",
    "plan_task",
    "pool_quarter",
    "propose_adjustment",
    "propose_agreement",
    "propose_undo",
    "receive_footfall",
    "receive_responses",
    "record_agreement",
    "record_footfall",
    "record_survey",
    "release_quarter",
    "request_reassignment",
    "retry_quarantine",
    "withdraw_agreement",
    "withdraw_measure",
]
