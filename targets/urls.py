"""Addresses of this room, below `/` for partners and below `/office/` for staff."""

from django.urls import URLPattern, path

from targets.views import partner_quality

app_name = "targets"

urlpatterns: list[URLPattern] = [
    # ---- quality
    path("quality/", partner_quality.quality, name="quality"),
    path("quality/answers/", partner_quality.Answers.as_view(), name="answers"),
    path("quality/answers/<int:pk>/", partner_quality.answer, name="answer"),
]
