"""Addresses of this room, below `/` for partners and below `/office/` for staff."""

from django.urls import path

from training.views import office

app_name = "training"

urlpatterns = [
    path("office/certificates/", office.Certificates.as_view(), name="certificates"),
    path("office/certificates/<int:pk>/", office.certificate, name="certificate"),
    path("office/certificates/<int:pk>/decide/", office.decide, name="decide_certificate"),
]
