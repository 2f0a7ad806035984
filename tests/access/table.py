"""Who may open what: one line for every address of the product. An address without a line fails the walk.

A line names who enters with GET and who may POST. Everybody else must be refused: guests are sent to sign in (or get
401/403 from the API), others get 403, and with `hidden=True` 404, because the thing itself is not their business.
Names are those of the cast (tests/cast.py); objects belong to Süd, sub-partner of Nord, unless a line says otherwise.

    "commissions:run": Line(get=MONEY_STAFF, post=CONTROLLER, kwargs={"month": "2026-07"})
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

GUEST = {"guest"}
MANAGERS = {"petra", "paul"}
RUNNERS = {"hanna", "carla", "finn", "aud"}  # whoever sees all money
MONEY_STAFF = MANAGERS | RUNNERS
STAFF = MONEY_STAFF | {"tom", "ada"}
CONTROLLERS = {"carla", "hanna"}  # calculate, hold, draft and publish, decide on certificates
APPROVERS = {"finn", "hanna"}  # approve and post a run: never the controller
FEEDERS = {"carla", "hanna", "ada"}
REGISTERS = {"carla", "hanna", "petra", "paul"}  # partners for a campaign
FEED_READERS = MONEY_STAFF | {"ada"}
NORD, SUED, RIVAL = {"nora", "nils", "nele"}, {"sina", "sven", "selma"}, {"rita", "rolf", "ruth"}
PARTNERS = NORD | SUED | RIVAL
MONEY_PARTNERS = {"nora", "nils", "sina", "sven", "rita", "rolf"}
MONEY_NOT_SUED = {"nora", "nils", "rita", "rolf"}
SIGNED_IN = STAFF | PARTNERS
EVERYBODY = SIGNED_IN | GUEST
NOBODY: set[str] = set()

# Those who see an object of Süd: its money, or its orders and master data.
MONEY_OF_SUED = {"sina", "sven", "petra"} | RUNNERS
ORDERS_OF_SUED = NORD | SUED | {"petra", "tom", "ada"} | RUNNERS
# The administration.
ADMIN_READERS = {"ada", "hanna", "carla", "finn", "aud"}


@dataclass(frozen=True)
class Line:
    get: Collection[str] | None = None  # None: the address knows no GET
    post: Collection[str] | None = None  # None: the address knows no POST
    kwargs: dict[str, Any] | Callable[[Any], dict[str, Any]] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    unseen: Collection[str] = ()  # let in by the door, and told 404, since the object is not theirs to see
    hidden: bool = False  # 404 for everybody else, so that nobody learns it exists


TABLE: dict[str, Line] = {
    # ---- the house -------------------------------------------------------------------------------------------
    "health": Line(EVERYBODY),
    "portal:brand": Line(EVERYBODY),
    "portal:set_language": Line(post=EVERYBODY, data={"language": "en"}),
    "portal:style_guide": Line(STAFF),
    # ---- signing in ------------------------------------------------------------------------------------------
    "account_login": Line(EVERYBODY, EVERYBODY),
    "account_logout": Line(SIGNED_IN, NOBODY),  # leaving ends on the sign-in page, which here looks like a refusal
    "account_inactive": Line(EVERYBODY),
    "account_signup": Line(EVERYBODY, EVERYBODY),  # says that accounts are made by invitation
    "account_reauthenticate": Line(SIGNED_IN, SIGNED_IN),
    "accounts/email/": Line(NOBODY, NOBODY, hidden=True),
    "account_email": Line(NOBODY, NOBODY, hidden=True),
    "account_email_verification_sent": Line(EVERYBODY),
    "account_confirm_email": Line(EVERYBODY, kwargs={"key": "none"}),
    "account_change_password": Line(SIGNED_IN, SIGNED_IN),
    "account_set_password": Line(SIGNED_IN, SIGNED_IN),
    "account_reset_password": Line(EVERYBODY, EVERYBODY),
    "account_reset_password_done": Line(EVERYBODY),
    "account_reset_password_from_key": Line(EVERYBODY, EVERYBODY, kwargs={"uidb36": "1", "key": "none"}),
    "account_reset_password_from_key_done": Line(EVERYBODY),
    "account_confirm_login_code": Line(SIGNED_IN),
    "mfa_index": Line(SIGNED_IN),
    "mfa_authenticate": Line(SIGNED_IN),
    "mfa_reauthenticate": Line(SIGNED_IN, SIGNED_IN),
    "mfa_activate_totp": Line(SIGNED_IN, SIGNED_IN),
    "mfa_deactivate_totp": Line(STAFF, STAFF),  # those who have one; staff are refused inside
    "mfa_view_recovery_codes": Line(NOBODY),  # nobody of the cast has made any
    "mfa_generate_recovery_codes": Line(SIGNED_IN, SIGNED_IN),
    "mfa_download_recovery_codes": Line(NOBODY),
    # ---- API -------------------------------------------------------------------------------------------------
    "api:statements": Line(SIGNED_IN),
    "api:statement": Line(MONEY_OF_SUED, kwargs={"number": "2026-000001"}, hidden=True),
    "api:statement_lines": Line(MONEY_OF_SUED, kwargs={"number": "2026-000001"}, hidden=True),
    "api:lines": Line(SIGNED_IN),
    "api:orders": Line(SIGNED_IN),
    "api:feeds": Line(SIGNED_IN, FEEDERS),
    "api:feed": Line(FEED_READERS, kwargs=lambda w: {"pk": w.feed.pk}, hidden=True),
    "api:feed-report": Line(FEED_READERS, kwargs=lambda w: {"pk": w.feed.pk}, hidden=True),
    "api:order": Line(ORDERS_OF_SUED, kwargs={"order_id": "O-SUED"}, hidden=True),
    "api:responses": Line(SIGNED_IN, FEEDERS),
    "api:scores": Line(SIGNED_IN),  # each the partners he may see
    "api:footfall": Line(SIGNED_IN, FEEDERS | MANAGERS | PARTNERS),
    "api:delivery": Line(STAFF, kwargs=lambda w: {"pk": w.quality.delivery.pk}, hidden=True),
    "api:targets": Line(SIGNED_IN),
    "api:target_course": Line(MONEY_OF_SUED, kwargs=lambda w: {"pk": w.target.pk}, hidden=True),
    "api:tokens": Line(SIGNED_IN, SIGNED_IN),
    "api:token": Line(kwargs={"key": "none"}),
    "api:schema": Line(SIGNED_IN),
    "api:docs": Line(SIGNED_IN),
    # ---- partners --------------------------------------------------------------------------------------------
    "partners:tokens": Line(SIGNED_IN, SIGNED_IN),
    "partners:revoke_token": Line(post=NOBODY, kwargs={"key": "none"}, hidden=True),
    "partners:switch": Line(post={"sina", "sven", "selma"}, data={"partner": "P-SUED"}, hidden=True),
    "partners:view_as": Line(post=RUNNERS | {"petra"}, kwargs={"number": "P-SUED"}),
    "partners:stop_viewing_as": Line(post=STAFF),
    "partners:partners": Line(STAFF),
    "partners:load": Line({"hanna", "carla", "aud", "ada"}),
    # ---- partner pages: what they show is the own partner's, whoever asks -----------------------------------
    "portal:home": Line(SIGNED_IN),  # staff are led on to the office
    "partners:company": Line(PARTNERS),
    "commissions:statements": Line(MONEY_PARTNERS),
    "commissions:reserve": Line(MONEY_PARTNERS),
    "commissions:statement": Line({"sina", "sven"}, kwargs={"number": "2026-000001"}, unseen=MONEY_NOT_SUED),
    "commissions:statement_lines": Line({"sina", "sven"}, kwargs={"number": "2026-000001"}, unseen=MONEY_NOT_SUED),
    "commissions:orders": Line(PARTNERS),
    "commissions:case": Line(NORD | SUED, kwargs={"order_no": "O-SUED"}, unseen=RIVAL),
    "commissions:schedule_document": Line(MONEY_PARTNERS, kwargs={"code": "standard"}),
    "commissions:schedule_download": Line(MONEY_PARTNERS, kwargs=lambda w: {"pk": w.version.pk}),
    # ---- quality and footfall of a partner -------------------------------------------------------------------
    "targets:quality": Line(PARTNERS),
    "targets:answers": Line(PARTNERS),
    "targets:answer": Line(
        SUED,
        {"sina", "sven"},
        kwargs=lambda w: {"pk": w.quality.answer.pk},
        data={"reason": "we were closed"},
        unseen=NORD | RIVAL,
    ),
    # ---- targets: what is agreed pays a bonus, so they are for those who see the partner's money. A seller sees the
    #      own orders, the score and the visits; a trainer the scores, the visits and the action plans, and no targets.
    "targets:alerts": Line(SIGNED_IN, SIGNED_IN),  # everybody's own
    "targets:targets": Line(MONEY_PARTNERS),
    "targets:target": Line({"sina", "sven"}, kwargs=lambda w: {"pk": w.target.pk}, unseen=MONEY_NOT_SUED),
    "targets:agreement": Line({"sina", "sven"}, kwargs=lambda w: {"pk": w.target.agreement_id}, unseen=MONEY_NOT_SUED),
    "targets:support": Line(PARTNERS),  # what the operator promises helps everybody there
    "targets:respond": Line(post={"sina", "sven"}, kwargs=lambda w: {"pk": w.target.agreement_id}),
    "targets:confirm": Line(
        post={"sina", "sven"}, kwargs=lambda w: {"pk": w.target.agreement_id, "proposal": w.announced.pk}
    ),
    "targets:footfall": Line(PARTNERS, PARTNERS),
    "targets:plan": Line(PARTNERS, PARTNERS),  # whoever serves customers plans what changes
    "targets:close_task": Line(
        post=SUED | {"hanna", "petra", "tom"}, kwargs=lambda w: {"pk": w.quality.task.pk}, data={"outcome": "done"}
    ),
    # ---- office: quality and footfall ------------------------------------------------------------------------
    "targets:office_quality": Line(STAFF),
    "targets:partner_scores": Line(STAFF),
    "targets:quarters": Line(STAFF, CONTROLLERS, data={"quarter": "2026-Q2", "released_on": "2026-07-10"}),
    "targets:responses": Line(STAFF),
    "targets:response": Line(
        STAFF - {"paul"},
        {"carla", "petra"},
        kwargs=lambda w: {"pk": w.quality.answer.pk},
        data={"exclude": "on", "reason": "the form was mixed up"},
        unseen={"paul"},
    ),
    "targets:reassignments": Line(STAFF),
    "targets:decide_reassignment": Line(
        post={"hanna"}, kwargs=lambda w: {"pk": w.quality.asked.pk}, data={"decision": "approve"}
    ),
    "targets:results": Line(STAFF),
    "targets:record_result": Line(CONTROLLERS, CONTROLLERS),
    "targets:plans": Line(STAFF),
    "targets:partner_plan": Line(
        STAFF - {"paul"},
        {"hanna", "petra", "tom"},
        kwargs={"number": "P-SUED"},
        data={"what": "Training", "who": "Sven", "due_on": "2999-01-01"},
        unseen={"paul"},
    ),
    "targets:deliveries": Line(STAFF),
    "targets:upload": Line(FEEDERS | MANAGERS, FEEDERS | MANAGERS),
    "targets:retry_quarantine": Line(post=FEEDERS),
    "targets:delivery": Line(STAFF, kwargs=lambda w: {"pk": w.quality.delivery.pk}),
    "targets:delivery_report": Line(STAFF, kwargs=lambda w: {"pk": w.quality.delivery.pk}),
    "targets:office_footfall": Line(STAFF),
    # ---- office: targets -------------------------------------------------------------------------------------
    "targets:office_targets": Line(MONEY_STAFF),
    "targets:office_target": Line(MONEY_STAFF - {"paul"}, kwargs=lambda w: {"pk": w.target.pk}, unseen={"paul"}),
    "targets:roll_up": Line(MONEY_STAFF),
    "targets:difficulty": Line(MONEY_STAFF),
    "targets:weights": Line(MONEY_STAFF, MONEY_STAFF),  # the action lets controller and head save
    "targets:office_agreements": Line(MONEY_STAFF),
    "targets:office_agreement": Line(
        MONEY_STAFF - {"paul"}, kwargs=lambda w: {"pk": w.target.agreement_id}, unseen={"paul"}
    ),
    "targets:new_agreements": Line(CONTROLLERS | MANAGERS, CONTROLLERS | MANAGERS),
    "targets:offer_all": Line(post=APPROVERS),
    "targets:decide_agreement": Line(
        post=APPROVERS, kwargs=lambda w: {"pk": w.target.agreement_id}, data={"decision": "offer"}
    ),
    "targets:office_adjustments": Line(MONEY_STAFF),
    "targets:new_adjustment": Line(CONTROLLERS | MANAGERS, CONTROLLERS | MANAGERS),
    "targets:office_adjustment": Line(MONEY_STAFF - {"paul"}, kwargs=lambda w: {"pk": w.announced.pk}, unseen={"paul"}),
    "targets:undo_adjustment": Line(
        post=CONTROLLERS | {"petra"}, kwargs=lambda w: {"pk": w.announced.pk}, data={"reason": "a mistake"}
    ),
    "targets:decide_adjustment": Line(
        post=APPROVERS, kwargs=lambda w: {"pk": w.asked.pk}, data={"decision": "approve"}
    ),
    "targets:office_support": Line(STAFF, {"hanna"}),
    "targets:withdraw_measure": Line(
        post={"hanna"}, kwargs=lambda w: {"pk": w.measure.pk}, data={"reason": "called off"}
    ),
    # ---- office: what spans rooms ----------------------------------------------------------------------------
    "portal:office_home": Line(STAFF),
    "portal:search": Line(SIGNED_IN),  # each finds what he may see
    "portal:audit": Line({"hanna", "aud", "ada"}),
    "portal:partner": Line(STAFF - {"paul"}, kwargs={"number": "P-SUED"}, unseen={"paul"}),
    # ---- office: sales and training --------------------------------------------------------------------------
    "sales:imports": Line(FEED_READERS),
    "sales:exceptions": Line(FEED_READERS),
    "sales:import": Line(FEED_READERS, kwargs=lambda w: {"pk": w.feed.pk}),
    "sales:import_progress": Line(FEED_READERS, kwargs=lambda w: {"pk": w.feed.pk}),
    "sales:import_report": Line(FEED_READERS, kwargs=lambda w: {"pk": w.feed.pk}),
    "sales:upload": Line(FEEDERS, FEEDERS),
    "sales:retry": Line(post=FEEDERS),
    "sales:dismiss": Line(post=FEEDERS, kwargs=lambda w: {"pk": w.parked.pk}, data={"reason": "twice"}),
    "sales:state_class": Line(post=FEEDERS, kwargs=lambda w: {"pk": w.parked.pk}, data={"customer_class": "smb"}),
    "sales:office_orders": Line(MONEY_STAFF),
    "sales:spends": Line(RUNNERS),
    "sales:bill": Line(CONTROLLERS, CONTROLLERS),
    "sales:decide_segment": Line(post=CONTROLLERS, kwargs=lambda w: {"pk": w.spend.pk}, data={"decision": "keep"}),
    "sales:refer": Line(post=CONTROLLERS, kwargs={"order_no": "O-SUED"}, data={"reason": "big customer"}),
    "sales:catalogue": Line(STAFF),
    "sales:campaigns": Line(FEED_READERS),
    "sales:campaign": Line(FEED_READERS, kwargs=lambda w: {"pk": w.campaign.pk}),
    "sales:new_campaign": Line(CONTROLLERS, CONTROLLERS),
    "sales:edit_campaign": Line(CONTROLLERS, CONTROLLERS, kwargs=lambda w: {"pk": w.campaign.pk}),
    "sales:decide_campaign": Line(
        post=CONTROLLERS, kwargs=lambda w: {"pk": w.campaign.pk}, data={"decision": "decline", "reason": "no"}
    ),
    "sales:register_partner": Line(post=REGISTERS, kwargs=lambda w: {"pk": w.campaign.pk}),
    "sales:withdraw_partner": Line(post=REGISTERS - {"paul"}, kwargs=lambda w: {"pk": w.registration.pk}),
    "sales:partner_campaigns": Line(PARTNERS),
    "sales:register": Line(post=MONEY_PARTNERS, kwargs=lambda w: {"pk": w.campaign.pk}),
    "sales:withdraw": Line(
        post={"sina", "sven"}, kwargs=lambda w: {"pk": w.campaign.pk}
    ),  # of others there is nothing to withdraw
    "training:certificates": Line(STAFF),
    "training:certificate": Line(STAFF - {"paul"}, kwargs=lambda w: {"pk": w.certificate.pk}, unseen={"paul"}),
    "training:decide_certificate": Line(
        post=CONTROLLERS, kwargs=lambda w: {"pk": w.certificate.pk}, data={"decision": "approve"}
    ),
    # ---- office: the month -----------------------------------------------------------------------------------
    "commissions:runs": Line(RUNNERS),
    "commissions:create_run": Line(post=CONTROLLERS, data={"month": "2026-08"}),
    "commissions:run": Line(RUNNERS, kwargs=lambda w: {"pk": w.run.pk}),
    "commissions:run_progress": Line(RUNNERS, kwargs=lambda w: {"pk": w.run.pk}),
    "commissions:run_statements": Line(RUNNERS, kwargs=lambda w: {"pk": w.run.pk}),
    "commissions:run_partners": Line(RUNNERS, kwargs=lambda w: {"pk": w.run.pk}),
    "commissions:run_lines": Line(RUNNERS, kwargs=lambda w: {"pk": w.run.pk}),
    "commissions:draft_line": Line(NOBODY, kwargs=lambda w: {"pk": w.run.pk, "line": 1}),  # a posted run has none
    "commissions:calculate_run": Line(post=CONTROLLERS, kwargs=lambda w: {"pk": w.run.pk}),
    "commissions:approve_run": Line(post=APPROVERS, kwargs=lambda w: {"pk": w.run.pk}),
    "commissions:post_run": Line(post=APPROVERS, kwargs=lambda w: {"pk": w.run.pk}),
    "commissions:discard_run": Line(RUNNERS, CONTROLLERS, kwargs=lambda w: {"pk": w.run.pk}, data={"reason": "wrong"}),
    "commissions:finding": Line(RUNNERS, kwargs=lambda w: {"pk": w.run.pk, "finding": w.finding.pk}),
    "commissions:waive_finding": Line(
        post=CONTROLLERS | APPROVERS,
        kwargs=lambda w: {"pk": w.run.pk, "finding": w.finding.pk},
        data={"reason": "seen"},
    ),
    "commissions:holds": Line(RUNNERS),
    "commissions:place_hold": Line(CONTROLLERS, CONTROLLERS),
    "commissions:release_hold": Line(
        CONTROLLERS, CONTROLLERS, kwargs=lambda w: {"pk": w.hold.pk}, data={"reason": "ok"}
    ),
    "commissions:manual_lines": Line(RUNNERS),
    "commissions:propose_manual_line": Line(CONTROLLERS, CONTROLLERS),
    "commissions:manual_line": Line(RUNNERS, kwargs=lambda w: {"pk": w.manual.pk}),
    "commissions:decide_manual_line": Line(
        post=CONTROLLERS, kwargs=lambda w: {"pk": w.manual.pk}, data={"decision": "approve"}
    ),
    "commissions:office_statements": Line(MONEY_STAFF),
    "commissions:office_reserve": Line(MONEY_STAFF),
    "commissions:office_statement": Line(MONEY_STAFF - {"paul"}, kwargs={"number": "2026-000001"}, unseen={"paul"}),
    "commissions:office_line": Line(MONEY_STAFF - {"paul"}, kwargs=lambda w: {"pk": w.line.pk}, unseen={"paul"}),
    "commissions:office_case": Line(MONEY_STAFF - {"paul"}, kwargs={"order_no": "O-SUED"}, unseen={"paul"}),
    # ---- office: schedules -----------------------------------------------------------------------------------
    "commissions:schedules": Line(MONEY_STAFF),
    "commissions:version": Line(MONEY_STAFF, kwargs=lambda w: {"pk": w.version.pk}),
    "commissions:download_version": Line(MONEY_STAFF, kwargs=lambda w: {"pk": w.version.pk}),
    "commissions:new_draft": Line(CONTROLLERS, CONTROLLERS),
    "commissions:edit_draft": Line(CONTROLLERS, CONTROLLERS, kwargs=lambda w: {"pk": w.draft.pk}),
    "commissions:simulate": Line(
        CONTROLLERS,
        CONTROLLERS,
        kwargs=lambda w: {"pk": w.draft.pk},
        data={"first": "2026-07", "last": "2026-07", "start": "2026-07-01"},
    ),
    "commissions:simulation": Line(RUNNERS, kwargs=lambda w: {"pk": w.simulation.pk}),
    "commissions:simulation_progress": Line(RUNNERS, kwargs=lambda w: {"pk": w.simulation.pk}),
    "commissions:simulation_examples": Line(RUNNERS, kwargs=lambda w: {"pk": w.simulation.pk}),
    "commissions:simulation_partners": Line(RUNNERS, kwargs=lambda w: {"pk": w.simulation.pk}),
    "commissions:simulation_orders": Line(RUNNERS, kwargs=lambda w: {"pk": w.simulation.pk}),
    "commissions:repeat_simulation": Line(post=CONTROLLERS, kwargs=lambda w: {"pk": w.simulation.pk}),
    "commissions:discard_simulation": Line(post=CONTROLLERS, kwargs=lambda w: {"pk": w.simulation.pk}),
    "commissions:copy_version": Line(post=CONTROLLERS, kwargs=lambda w: {"pk": w.version.pk}),
    "commissions:compare_versions": Line(MONEY_STAFF, kwargs=lambda w: {"pk": w.draft.pk}),
    "commissions:new_form": Line(CONTROLLERS, CONTROLLERS, kwargs={"kind": "closing"}),
    "commissions:edit_form": Line(CONTROLLERS, CONTROLLERS, kwargs=lambda w: {"pk": w.draft.pk}),
    "commissions:add_component": Line(CONTROLLERS, CONTROLLERS, kwargs=lambda w: {"pk": w.draft.pk, "kind": "closing"}),
    "commissions:edit_component": Line(
        CONTROLLERS, CONTROLLERS, kwargs=lambda w: {"pk": w.draft.pk, "code": w.version.components.first().code}
    ),
    "commissions:arrange_component": Line(
        post=CONTROLLERS,
        kwargs=lambda w: {"pk": w.draft.pk, "code": w.version.components.first().code},
        data={"do": "copy"},
    ),
    "commissions:publish_version": Line(
        post=CONTROLLERS, kwargs=lambda w: {"pk": w.draft.pk}, data={"reason": "agreed"}
    ),
    "commissions:add_example": Line(CONTROLLERS, CONTROLLERS, kwargs=lambda w: {"pk": w.version.pk}),
    "commissions:remove_example": Line(post=CONTROLLERS, kwargs=lambda w: {"pk": w.example.pk}),
    # ---- administration --------------------------------------------------------------------------------------
    "admin:index": Line(ADMIN_READERS | {"tom"}),
    "admin:login": Line(NOBODY),  # no door of its own: guests go to the one door, others are refused
    # Who has nothing to leave is led to the administration's front page, which refuses.
    "admin:logout": Line(EVERYBODY - ADMIN_READERS - {"tom"}, EVERYBODY),
    "admin:password_change": Line(ADMIN_READERS | {"tom"}, ADMIN_READERS | {"tom"}),
    "admin:password_change_done": Line(ADMIN_READERS | {"tom"}),
    "admin:autocomplete": Line(NOBODY),  # without naming a field; tests/access/test_admin.py asks with one
    "admin:jsi18n": Line(ADMIN_READERS | {"tom"}),
    "admin:app_list": Line(ADMIN_READERS, kwargs={"app_label": "partners"}),
}

# The administration's pages of a model: who reads, who adds and changes. Deleting is open to nobody.
KEEP_MASTER_DATA = {"ada"}
KEEP_PORTFOLIO = {"ada", "hanna"}
ADMIN: dict[str, tuple[set[str], set[str]]] = {
    "core_auditentry": (ADMIN_READERS, NOBODY),
    "django_celery_beat_periodictask": ({"ada"}, {"ada"}),
    "django_celery_beat_crontabschedule": ({"ada"}, {"ada"}),
    "django_celery_beat_intervalschedule": ({"ada"}, {"ada"}),
    "partners_user": (ADMIN_READERS, KEEP_MASTER_DATA),
    "partners_partner": (ADMIN_READERS, KEEP_MASTER_DATA),
    "partners_outlet": (ADMIN_READERS, KEEP_MASTER_DATA),
    "partners_dealercode": (ADMIN_READERS, KEEP_MASTER_DATA),
    "partners_contract": (ADMIN_READERS, KEEP_MASTER_DATA),
    "partners_membership": (ADMIN_READERS, KEEP_MASTER_DATA),
    "partners_partnerchange": ({"ada", "finn", "aud"}, {"ada", "finn"}),
    "sales_productfamily": (ADMIN_READERS, KEEP_PORTFOLIO),
    "sales_product": (ADMIN_READERS, KEEP_PORTFOLIO),
    "sales_segmentband": (ADMIN_READERS, KEEP_PORTFOLIO),
    "sales_campaign": (ADMIN_READERS, NOBODY),
    "sales_campaignregistration": (RUNNERS, NOBODY),
    "sales_feedimport": (RUNNERS, NOBODY),
    "sales_event": (RUNNERS, NOBODY),
    "sales_order": (RUNNERS, NOBODY),
    "training_certificate": (ADMIN_READERS | {"tom"}, {"ada", "tom"}),
    "commissions_schedule": (RUNNERS, NOBODY),
    "commissions_scheduleversion": (RUNNERS, NOBODY),
    "commissions_run": (RUNNERS, NOBODY),
    "commissions_statement": (RUNNERS, NOBODY),
    "commissions_line": (RUNNERS, NOBODY),
    "commissions_hold": (RUNNERS, NOBODY),
    "commissions_manualline": (RUNNERS, NOBODY),
    "targets_kpi": (ADMIN_READERS, KEEP_PORTFOLIO),
    "targets_agreement": (RUNNERS, NOBODY),
    "targets_adjustment": (RUNNERS, NOBODY),
    "targets_settlement": (RUNNERS, NOBODY),
    "targets_response": (ADMIN_READERS, NOBODY),
    "targets_surveyresult": (ADMIN_READERS, NOBODY),
    "targets_reassignment": (ADMIN_READERS, NOBODY),
    "targets_surveyquarter": (ADMIN_READERS, NOBODY),
    "targets_delivery": (ADMIN_READERS, NOBODY),
    "targets_footfall": (ADMIN_READERS, NOBODY),
    "targets_supportmeasure": (ADMIN_READERS, NOBODY),
}
