"""Delivered files on their way into the events."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.choices import ToneChoices
from sales.queries import FeedImportQuerySet
from sales.reading import REFUSALS, refusal_text


class FeedImport(models.Model):
    """One delivered file on its way into the events: counts, progress, and what was wrong, all on this row.

    Every finished import balances: rows = accepted + duplicate + waiting + exception + rejected. A refused file
    (no feed at all, or not readable as one) leaves nothing but this row and its message.
    """

    class Source(models.TextChoices):
        UPLOAD = "upload", _("upload")
        FOLDER = "folder", _("watched folder")
        API = "api", _("API")
        OFFICE = "office", _("stated in the office")  # no file: one row, about one order
        RETRY = "retry", _("retry of exceptions")  # no file: parked events applied after master data was added

    class Status(ToneChoices):
        RECEIVED = "received", "neutral", _("received")
        IMPORTING = "importing", "coming", _("importing")
        DONE = "done", "earned", _("done")
        REFUSED = "refused", "taken", _("refused")

    class Outcome(ToneChoices):
        """What became of the file, for readers: `done` alone would call a file good of which no row was taken."""

        RECEIVED = "received", "neutral", _("received")
        IMPORTING = "importing", "coming", _("importing")
        DONE = "done", "earned", _("done")
        PARTLY = "partly", "held", _("done, rows rejected")
        NOTHING = "nothing", "taken", _("every row rejected")
        REFUSED = "refused", "taken", _("refused")

    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    filename = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=400, blank=True)  # where the bytes wait; emptied with the file when finished
    size = models.BigIntegerField(_("bytes"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.RECEIVED)
    received_at = models.DateTimeField(_("received"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    bytes_read = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(_("rows"), default=0)
    accepted = models.BigIntegerField(_("accepted"), default=0)
    duplicate = models.BigIntegerField(_("duplicates"), default=0)
    waiting = models.BigIntegerField(_("waiting"), default=0)
    exception = models.BigIntegerField(_("exceptions"), default=0)
    rejected = models.BigIntegerField(_("rejected"), default=0)
    # Highest Event.id when this import ended: a run reads "what was recorded since" off it, never off a clock.
    last_event = models.BigIntegerField(null=True, blank=True)
    # Why the file was refused: code and values of sales.reading.REFUSALS, and the words as they were said to who
    # delivered it. Imports of before have the words only.
    error = models.TextField(_("error"), blank=True)
    refusal = models.CharField(max_length=40, blank=True)
    refusal_values = models.JSONField(default=dict, blank=True)

    objects = FeedImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("feed import")
        verbose_name_plural = _("feed imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk} {self.filename}"

    @property
    def outcome(self) -> str:
        """A value of Outcome."""
        if self.status == self.Status.DONE and self.rejected:
            return self.Outcome.NOTHING if self.rejected == self.rows else self.Outcome.PARTLY
        return self.status

    @property
    def refused_because(self) -> str:
        """The reason in the language of whoever reads it."""
        return refusal_text(self.refusal, self.refusal_values) if self.refusal in REFUSALS else self.error

    @property
    def percent_read(self) -> int:
        """How much of the file is read, 0 to 100; the merge that follows takes about as long again."""
        return min(100, self.bytes_read * 100 // self.size) if self.size else 0


class FeedIssue(models.Model):
    """A rejected row of an import: where, which field, what stood there, what would be right."""

    feed_import = models.ForeignKey(FeedImport, models.CASCADE, related_name="issues")
    line = models.BigIntegerField(pgettext_lazy("of a file", "line"))
    event_id = models.CharField(_("event"), max_length=80, blank=True)
    field = models.CharField(_("field"), max_length=40, blank=True)
    value = models.CharField(_("value"), max_length=200, blank=True)
    # A code with a text for it in queries.py, so that one report reads in both languages.
    code = models.CharField(_("cause"), max_length=40)

    class Meta:
        ordering = ["feed_import", "line", "field"]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"
