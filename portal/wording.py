"""The verbs of the audit trail as people read them. An unknown one reads as itself, so nothing is ever hidden."""

from django.utils.translation import gettext_lazy as _

VERBS = {
    "sign_in": _("signed in"),
    "view_as_partner": _("looked through the partner's eyes"),
    "stop_view_as_partner": _("stopped looking through the partner's eyes"),
    "create_run": _("opened the month"),
    "request_calculation": _("had the month calculated"),
    "calculate_run": _("calculated"),
    "approve_run": _("approved the month"),
    "request_posting": _("had the month posted"),
    "post_run": _("posted the month"),
    "discard_run": _("discarded the proposal"),
    "place_hold": _("placed a hold"),
    "release_hold": _("released a hold"),
    "propose_manual_line": _("proposed a manual line"),
    "approved_manual_line": _("approved the manual line"),
    "declined_manual_line": _("declined the manual line"),
    "save_schedule_draft": _("saved a schedule draft"),
    "publish_schedule": _("published the schedule version"),
    "discard_schedule_draft": _("discarded the schedule draft"),
    "add_schedule_example": _("attached a worked example"),
    "remove_schedule_example": _("removed a worked example"),
    "record_certificate": _("recorded a certificate"),
    "approve_certificate": _("approved the certificate"),
    "decline_certificate": _("declined the certificate"),
    "propose_revocation": _("proposed to revoke the certificate"),
    "approve_revocation": _("revoked the certificate"),
    "decline_revocation": _("left the certificate valid"),
    "put_contract_in_force": _("put the contract in force"),
    "end_contract": _("ended the contract"),
    "add_member": _("added a member"),
    "end_membership": _("ended a membership"),
    "assign_manager": _("assigned the partner manager"),
    "change_bank_account": _("changed the bank account"),
    "change_vat_status": _("changed the VAT status"),
    "change_status": _("changed the status"),
    "take_contract_back": _("took the contract back to draft"),
    "remove_second_factor": _("removed the second factor"),
    "create_token": _("made an API token"),
    "revoke_token": _("revoked an API token"),
    "import_feed": _("imported a feed file"),
    "receive_feed": _("delivered a feed file"),
    "retry_parked": _("tried feed exceptions again"),
    "dismiss": _("set a second capture aside"),
}


def verb_in_words(verb: str) -> str:
    return str(VERBS.get(verb, verb.replace("_", " ")))
