"""The administration's site: only pages that a room registers itself, only for people who have one of them to read."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, reverse


class HouseSite(admin.AdminSite):
    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        """Packages bring pages of their own, guarded by Django's permissions alone; one of them hands out API tokens
        of other people. Such a page would be a back door, so it never opens."""
        room = (admin_class or admin.ModelAdmin).__module__.split(".")[0]
        if room in settings.ROOMS:
            super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Without "view on site", which needs the sites framework and would answer with an error."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff with at least one page to see; the pages know which roles these are."""
        user: Any = request.user
        return bool(user.is_active and user.is_staff) and any(
            page.has_view_permission(request) for page in self._registry.values()
        )

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One door: no login form of its own, so throttling and the second factor hold here too."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
