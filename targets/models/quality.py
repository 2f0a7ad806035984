"""Customer satisfaction: what was delivered, each answer, who decided whose it is, and when partners may look.

`Response` is a fact: what a customer said never changes (the database refuses it), only to whom it is assigned, and
that takes two people (`Reassignment`). Results that arrive already counted are `SurveyResult`s, added and never edited;
the latest of a partner and quarter counts, beside the single answers.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.choices import ToneChoices
from core.formats import quarter
from partners.models import Outlet, Partner
from targets.masking import Driver
from targets.nps import Count
from targets.scores import (
    DeliveryQuerySet,
    ReassignmentQuerySet,
    ResponseQuerySet,
    SurveyQuarterQuerySet,
    SurveyResultQuerySet,
)


class Delivery(models.Model):
    """One delivered file of survey responses or of visits, and what became of its rows.

    rows = accepted + duplicate + quarantined + rejected
    """

    class Kind(models.TextChoices):
        RESPONSES = "responses", _("survey responses")
        FOOTFALL = "footfall", _("footfall")

    class Source(models.TextChoices):
        UPLOAD = "upload", _("upload")
        API = "api", _("API")
        RETRY = "retry", _("retry of the quarantine")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    filename = models.CharField(_("file"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("received"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    rows = models.PositiveIntegerField(_("rows"), default=0)
    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    duplicate = models.PositiveIntegerField(_("duplicates"), default=0)
    quarantined = models.PositiveIntegerField(_("quarantined"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk} {self.filename}"


class DeliveryIssue(models.Model):
    """A rejected row: where, which field, what stood there. The sentence for `code` stands in issues.py."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="issues")
    line = models.PositiveIntegerField(pgettext_lazy("of a file", "line"))
    key = models.CharField(_("identifier"), max_length=80, blank=True)
    field = models.CharField(_("field"), max_length=40, blank=True)
    value = models.CharField(_("value"), max_length=200, blank=True)
    code = models.CharField(_("cause"), max_length=40)

    class Meta:
        ordering = ["delivery", "line", "field"]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"


class Touchpoint(models.TextChoices):
    """Where the customer met the operator."""

    SHOP = "shop", _("own store")
    PARTNER = "partner", _("sales partner")
    HOTLINE = "hotline", _("hotline")
    ONLINE = "online", _("online")


class SurveyClass(models.TextChoices):
    PRIVATE = "private", _("private customers")
    BUSINESS = "business", _("business customers")


class Question(models.TextChoices):
    """Would you recommend … to a friend? The answer about the touchpoint is the one that pays."""

    TOUCHPOINT = "touchpoint", _("where you were served")
    OPERATOR = "operator", _("the operator")
    PRODUCT = "product", _("the product")


def _score(question: Question) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(question.label, null=True, blank=True)


class Response(models.Model):
    """One customer's answer. `dealer_code`, `partner_no` and `place` stand as delivered; what they meant on the
    answer's day is `partner`, `outlet` and `touchpoint`, or the `cause` why they fit nobody."""

    class Status(ToneChoices):
        COUNTED = "counted", "earned", _("counted")
        QUARANTINED = "quarantined", "held", _("in quarantine")
        EXCLUDED = "excluded", "taken", _("excluded")

    class Cause(models.TextChoices):
        NONE = "", ""
        UNKNOWN_TOUCHPOINT = "unknown_touchpoint", _("unknown touchpoint")
        UNKNOWN_DEALER = "unknown_dealer", _("unknown dealer code")
        NOT_ON_DAY = "not_on_day", _("dealer code belonged to no outlet on that day")
        UNKNOWN_PARTNER = "unknown_partner", _("unknown partner number")
        CONTRADICTION = "contradiction", _("dealer code and partner number contradict each other")
        NO_PLACE = "no_place", _("neither dealer code nor partner number")
        NOT_THERE = "not_there", _("hotline or online, but a dealer code is named")

    id = models.BigAutoField(primary_key=True)
    response_id = models.CharField(_("response"), max_length=80, unique=True)
    answered_on = models.DateField(_("answered"))
    quarter = models.DateField(_("quarter"), editable=False)
    place = models.CharField(_("touchpoint as delivered"), max_length=40)
    dealer_code = models.CharField(_("dealer code"), max_length=40, blank=True)
    partner_no = models.CharField(_("partner number"), max_length=20, blank=True)
    customer_class = models.CharField(_("customers"), max_length=8, choices=SurveyClass.choices)
    score_operator = _score(Question.OPERATOR)
    score_product = _score(Question.PRODUCT)
    score_touchpoint = _score(Question.TOUCHPOINT)
    comment = models.TextField(_("comment"), blank=True)
    drivers = ArrayField(models.CharField(max_length=16, choices=Driver.choices), default=list, blank=True)
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="responses", verbose_name=_("delivery"))
    line = models.PositiveIntegerField(pgettext_lazy("of a file", "line"))
    # ---- whose it is: changed by retry and by an approved Reassignment only
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    cause = models.CharField(_("cause"), max_length=20, choices=Cause.choices, blank=True)
    touchpoint = models.CharField(_("touchpoint"), max_length=8, choices=Touchpoint.choices, blank=True)
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="responses", verbose_name=_("partner")
    )
    outlet = models.ForeignKey(
        Outlet, models.PROTECT, null=True, blank=True, related_name="responses", verbose_name=_("outlet")
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey response")
        verbose_name_plural = _("survey responses")
        ordering = ["-answered_on", "-id"]
        indexes = [
            models.Index(fields=["partner", "quarter"], name="response_partner", condition=Q(status="counted")),
            models.Index(fields=["quarter"], name="response_quarter"),
            models.Index(fields=["cause"], name="response_quarantine", condition=Q(status="quarantined")),
        ]
        constraints = [
            *(
                models.CheckConstraint(
                    condition=Q(**{f"score_{each}": None}) | Q(**{f"score_{each}__lte": 10}),
                    name=f"response_score_{each}",
                )
                for each in ("operator", "product", "touchpoint")
            ),
            models.CheckConstraint(
                condition=Q(status="quarantined", partner=None) & ~Q(cause="") | ~Q(status="quarantined"),
                name="response_quarantined_for_a_cause",
            ),
        ]

    def __str__(self) -> str:
        return self.response_id

    @property
    def tags(self) -> list[str]:
        """What the comment is about, in words."""
        return [str(Driver(each).label) for each in self.drivers]


class Reassignment(models.Model):
    """Somebody says an answer belongs elsewhere, or to nobody; another person decides. Until then nothing moves."""

    class Kind(models.TextChoices):
        MOVE = "move", _("belongs elsewhere")
        EXCLUDE = "exclude", _("must not count")

    class Status(ToneChoices):
        REQUESTED = "requested", "coming", _("waits for a second person")
        APPROVED = "approved", "earned", pgettext_lazy("reassignment", "approved")
        DECLINED = "declined", "taken", pgettext_lazy("reassignment", "declined")

    response = models.ForeignKey(
        Response, models.PROTECT, related_name="reassignments", verbose_name=_("survey response")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.MOVE)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.REQUESTED)
    touchpoint = models.CharField(_("touchpoint"), max_length=8, choices=Touchpoint.choices, blank=True)
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to partner")
    )
    outlet = models.ForeignKey(
        Outlet, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to outlet")
    )
    # Who had it when this was asked: a partner that loses an answer still sees that, and why.
    from_partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("from partner")
    )
    reason = models.TextField(_("reason"))
    requested_at = models.DateTimeField(_("requested"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decision = models.TextField(_("reason of the decision"), blank=True)

    objects = ReassignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("re-assignment")
        verbose_name_plural = _("re-assignments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                name="reassignment_four_eyes",
                violation_error_message=_("Who asked for it cannot decide on it."),
            ),
            models.UniqueConstraint(
                fields=["response"], condition=Q(status="requested"), name="reassignment_one_open_a_response"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response}"


class SurveyResult(models.Model):
    """A partner's answers of a quarter, already counted by whoever asked. The latest of partner and quarter counts."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="survey_results", verbose_name=_("partner"))
    quarter = models.DateField(_("quarter"))
    promoters = models.PositiveIntegerField(_("promoters"))
    passives = models.PositiveIntegerField(_("passives"))
    detractors = models.PositiveIntegerField(_("detractors"))
    reason = models.TextField(_("reason"), blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("recorded by")
    )

    objects = SurveyResultQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey result")
        verbose_name_plural = _("survey results")
        ordering = ["-quarter", "partner", "-id"]
        indexes = [models.Index(fields=["partner", "quarter", "-id"], name="survey_result_latest")]

    def __str__(self) -> str:
        return f"{self.partner} {quarter(self.quarter)}"

    @property
    def count(self) -> Count:
        return Count(self.promoters, self.passives, self.detractors)


class SurveyQuarter(models.Model):
    """How a quarter's answers are used: shown to partners from a day on, pooled with the quarter before or not.

    A row for each quarter, so that switching something for this one changes nothing that was paid for another.
    """

    quarter = models.DateField(_("quarter"), unique=True)
    released_on = models.DateField(_("visible to partners from"), null=True, blank=True)
    pooled = models.BooleanField(_("pooled with the quarter before"), default=False)

    objects = SurveyQuarterQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey quarter")
        verbose_name_plural = _("survey quarters")
        ordering = ["-quarter"]

    def __str__(self) -> str:
        return quarter(self.quarter)
