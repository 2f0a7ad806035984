"""Addresses of what spans rooms."""

from django.urls import path

from portal.views import partner as home_of_partner
from portal.views import shell, style_guide
from portal.views.office import finding, home, partner

app_name = "portal"

urlpatterns = [
    path("", home_of_partner.home, name="home"),
    path("brand.css", shell.brand_css, name="brand"),
    path("language/", shell.set_language, name="set_language"),
    path("search/", home_of_partner.search, name="search"),
    path("office/", home.home, name="office_home"),
    path("office/audit/", finding.Audit.as_view(), name="audit"),
    path("office/partners/<str:number>/", partner.partner, name="partner"),
    path("style-guide/", style_guide.style_guide, name="style_guide"),
]
