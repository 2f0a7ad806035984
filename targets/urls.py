"""Addresses of this room, below `/` for partners and below `/office/` for staff."""

from django.urls import URLPattern, path

from targets.views import partner, partner_quality

app_name = "targets"

urlpatterns: list[URLPattern] = [
    path("targets/", partner.targets, name="targets"),
    path("targets/<int:pk>/", partner.target, name="target"),
    path("targets/agreements/<int:pk>/", partner.agreement, name="agreement"),
    path("targets/agreements/<int:pk>/answer/", partner.answer, name="respond"),
    path("targets/agreements/<int:pk>/confirm/<int:proposal>/", partner.confirm, name="confirm"),
    # ---- quality
    path("quality/", partner_quality.quality, name="quality"),
    path("quality/answers/", partner_quality.Answers.as_view(), name="answers"),
    path("quality/answers/<int:pk>/", partner_quality.answer, name="answer"),
]
