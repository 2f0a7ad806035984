"""Addresses of this room, below `/` for partners and below `/office/` for staff."""

from django.urls import URLPattern, path

from targets.views import (
    alerts,
    office,
    office_adjustments,
    office_agreements,
    office_answers,
    office_deliveries,
    office_footfall,
    office_quality,
    partner,
    partner_footfall,
    partner_quality,
)

app_name = "targets"

urlpatterns: list[URLPattern] = [
    path("targets/alerts/", alerts.alerts, name="alerts"),
    path("targets/", partner.targets, name="targets"),
    path("targets/<int:pk>/", partner.target, name="target"),
    path("targets/agreements/<int:pk>/", partner.agreement, name="agreement"),
    path("targets/agreements/<int:pk>/answer/", partner.answer, name="respond"),
    path("targets/agreements/<int:pk>/confirm/<int:proposal>/", partner.confirm, name="confirm"),
    path("office/targets/", office.Grid.as_view(), name="office_targets"),
    path("office/targets/<int:pk>/", office.target, name="office_target"),
    path("office/targets/sums/", office.rollup, name="roll_up"),
    path("office/targets/weights/", office.weights, name="weights"),
    path("office/targets/agreements/", office_agreements.Agreements.as_view(), name="office_agreements"),
    path("office/targets/agreements/new/", office_agreements.new, name="new_agreements"),
    path("office/targets/agreements/offer/", office_agreements.offer_all, name="offer_all"),
    path("office/targets/agreements/<int:pk>/", office_agreements.agreement, name="office_agreement"),
    path("office/targets/agreements/<int:pk>/decide/", office_agreements.decide, name="decide_agreement"),
    path("office/targets/adjustments/", office_adjustments.Adjustments.as_view(), name="office_adjustments"),
    path("office/targets/adjustments/new/", office_adjustments.new, name="new_adjustment"),
    path("office/targets/adjustments/<int:pk>/", office_adjustments.adjustment, name="office_adjustment"),
    path("office/targets/adjustments/<int:pk>/decide/", office_adjustments.decide, name="decide_adjustment"),
    path("office/targets/adjustments/<int:pk>/undo/", office_adjustments.undo, name="undo_adjustment"),
    # ---- quality and footfall
    path("quality/", partner_quality.quality, name="quality"),
    path("quality/answers/", partner_quality.Answers.as_view(), name="answers"),
    path("quality/answers/<int:pk>/", partner_quality.answer, name="answer"),
    path("footfall/", partner_footfall.footfall, name="footfall"),
    path("office/quality/", office_quality.overview, name="office_quality"),
    path("office/quality/partners/", office_quality.PartnerScores.as_view(), name="partner_scores"),
    path("office/quality/quarters/", office_quality.quarters, name="quarters"),
    path("office/quality/answers/", office_answers.Responses.as_view(), name="responses"),
    path("office/quality/answers/<int:pk>/", office_answers.response, name="response"),
    path("office/quality/requests/", office_answers.Reassignments.as_view(), name="reassignments"),
    path("office/quality/requests/<int:pk>/decide/", office_answers.decide, name="decide_reassignment"),
    path("office/quality/deliveries/", office_deliveries.Deliveries.as_view(), name="deliveries"),
    path("office/quality/deliveries/upload/", office_deliveries.upload, name="upload"),
    path("office/quality/deliveries/retry/", office_deliveries.retry, name="retry_quarantine"),
    path("office/quality/deliveries/<int:pk>/", office_deliveries.delivery, name="delivery"),
    path("office/quality/deliveries/<int:pk>/report/", office_deliveries.delivery_report, name="delivery_report"),
    path("office/footfall/", office_footfall.footfall, name="office_footfall"),
]
