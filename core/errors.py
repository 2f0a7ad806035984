"""Refusals that every way in (page, API, command, task) answers in the same manner."""


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault
    """The request is understood and not allowed as things stand; the message is shown to the user as it is."""


class Conflict(Refused):
    """The object is no longer in the state the caller saw (HTTP 409). Nothing was changed."""


class FourEyes(Refused):
    """The second person must be another one than the first. Nothing was changed."""
