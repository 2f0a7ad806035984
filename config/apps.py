"""Tells Django which site its administration is."""

from django.contrib.admin.apps import AdminConfig


class HouseAdmin(AdminConfig):
    default_site = "config.admin.HouseSite"
