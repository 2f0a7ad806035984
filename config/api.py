"""The addresses below /api/v1/: one line a room, the description of them, and a page to try them."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import SessionAuthentication

app_name = "api"

urlpatterns = [
    path("", include("commissions.api")),
    path("", include("targets.api")),
    path("", include("sales.api")),
    path("", include("partners.api")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api:schema", template_name="api/docs.html", authentication_classes=[SessionAuthentication]
        ),
        name="docs",
    ),
]
