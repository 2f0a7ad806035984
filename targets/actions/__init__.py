"""The only place of this room that writes; one module a subject."""

from targets.actions.quality import (
    approve_reassignment,
    decline_reassignment,
    pool_quarter,
    record_survey,
    release_quarter,
    request_reassignment,
)

__all__ = [
    "approve_reassignment",
    "decline_reassignment",
    "pool_quarter",
    "record_survey",
    "release_quarter",
    "request_reassignment",
]
