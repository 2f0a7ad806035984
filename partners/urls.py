"""Addresses of this room, below `/` for partners and below `/office/` for staff."""

from django.urls import path

from partners.views import acting, office, partner, tokens

app_name = "partners"

urlpatterns = [
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<str:key>/revoke/", tokens.revoke, name="revoke_token"),
    path("company/", partner.company, name="company"),
    path("switch-partner/", acting.switch, name="switch"),
    path("office/partners/", office.PartnerList.as_view(), name="partners"),
    path("office/partners/load/", office.load, name="load"),
    path("office/stop-viewing-as/", acting.stop_viewing_as, name="stop_viewing_as"),
    path("office/partners/<str:number>/view-as/", acting.view_as, name="view_as"),
]
