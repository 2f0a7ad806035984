"""Every address of the product: one line a room, in the order of the rooms."""

from django.contrib import admin
from django.http import Http404
from django.urls import include, path
from django.views.defaults import page_not_found

from core.health import health

handler403 = "portal.views.shell.forbidden"
handler404 = "portal.views.shell.not_found"

urlpatterns = [
    path("health/", health, name="health"),
    path("admin/", admin.site.urls),
    # The address is master data and the sign-in name: people do not change it themselves.
    path("accounts/email/", page_not_found, {"exception": Http404()}),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("config.api")),
    path("", include("partners.urls")),
    path("", include("sales.urls")),
    path("", include("training.urls")),
    path("", include("targets.urls")),
    path("", include("commissions.urls")),
    path("", include("portal.urls")),
]
