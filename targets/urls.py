"""Addresses of this room, below `/` for partners and below `/office/` for staff."""

from django.urls import URLPattern

app_name = "targets"

urlpatterns: list[URLPattern] = []
