"""Who may do what, checked where it is done: pages, API, tasks and commands all pass here.

    require(by, Role.FINANCE, Role.HEAD_OF_CHANNEL)

`by=None` is the system itself (a beat task, a command on the server).
"""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from partners.models import Role, User


def require(by: User | None, *roles: Role) -> None:
    """PermissionDenied (HTTP 403) unless the person is active and has one of the roles."""
    if by is not None and not (by.is_active and by.role in roles):
        raise PermissionDenied(_("Your role does not include this step."))
