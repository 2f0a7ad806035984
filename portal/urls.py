"""Addresses of what spans rooms."""

from django.urls import path

from portal.views import shell, style_guide

app_name = "portal"

urlpatterns = [
    path("brand.css", shell.brand_css, name="brand"),
    path("language/", shell.set_language, name="set_language"),
    path("style-guide/", style_guide.style_guide, name="style_guide"),
]
