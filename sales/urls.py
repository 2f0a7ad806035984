"""Addresses of this room, below `/` for partners and below `/office/` for staff."""

from django.urls import path

from sales.views import campaigns, catalogue, office, partner, spending

app_name = "sales"

urlpatterns = [
    path("office/feed/", office.Imports.as_view(), name="imports"),
    path("office/feed/exceptions/", office.Exceptions.as_view(), name="exceptions"),
    path("office/feed/upload/", office.upload, name="upload"),
    path("office/feed/exceptions/retry/", office.retry, name="retry"),
    path("office/feed/exceptions/<int:pk>/dismiss/", office.dismiss, name="dismiss"),
    path("office/feed/exceptions/<int:pk>/class/", office.state_class, name="state_class"),
    path("office/feed/<int:pk>/", office.feed_import, name="import"),
    path("office/feed/<int:pk>/progress/", office.import_progress, name="import_progress"),
    path("office/feed/<int:pk>/report/", office.import_report, name="import_report"),
    path("office/orders/", office.Orders.as_view(), name="office_orders"),
    path("office/orders/<str:order_no>/refer/", office.refer, name="refer"),
    path("office/spends/", spending.Spends.as_view(), name="spends"),
    path("office/spends/bill/", spending.bill, name="bill"),
    path("office/spends/<int:pk>/decide/", spending.decide, name="decide_segment"),
    path("office/catalogue/", catalogue.catalogue, name="catalogue"),
    path("office/campaigns/", campaigns.Campaigns.as_view(), name="campaigns"),
    path("office/campaigns/new/", campaigns.edit, name="new_campaign"),
    path("office/campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("office/campaigns/<int:pk>/edit/", campaigns.edit, name="edit_campaign"),
    path("office/campaigns/<int:pk>/decide/", campaigns.decide, name="decide_campaign"),
    path("office/campaigns/<int:pk>/register/", campaigns.register, name="register_partner"),
    path("office/campaigns/registrations/<int:pk>/withdraw/", campaigns.withdraw, name="withdraw_partner"),
    path("campaigns/", partner.campaigns, name="partner_campaigns"),
    path("campaigns/<int:pk>/register/", partner.register, name="register"),
    path("campaigns/<int:pk>/withdraw/", partner.withdraw, name="withdraw"),
]
