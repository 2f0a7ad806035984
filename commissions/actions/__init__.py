"""The only writers of this room: one verb a function, object first, the rest by keyword, always `by`.

Every one opens the transaction, claims the state by a conditional UPDATE (no row: somebody else was faster, Conflict),
does it, and writes one audit row.
"""

from commissions.actions.examples import add_example, remove_example
from commissions.actions.holds import decide_manual_line, place_hold, propose_manual_line, release_hold
from commissions.actions.runs import (
    approve_run,
    calculate_run,
    create_run,
    discard_run,
    post_run,
    refresh_provisional,
    request_calculation,
    request_posting,
    waive_finding,
    waive_findings,
)
from commissions.actions.schedules import publish_version, save_draft
from commissions.actions.simulations import (
    discard_old_simulations,
    discard_simulation,
    repeat_simulation,
    simulate,
    start_simulation,
)

__all__ = [
    "add_example",
    "approve_run",
    "calculate_run",
    "create_run",
    "decide_manual_line",
    "discard_old_simulations",
    "discard_run",
    "discard_simulation",
    "place_hold",
    "post_run",
    "propose_manual_line",
    "publish_version",
    "refresh_provisional",
    "release_hold",
    "remove_example",
    "repeat_simulation",
    "request_calculation",
    "request_posting",
    "save_draft",
    "simulate",
    "start_simulation",
    "waive_finding",
    "waive_findings",
]
