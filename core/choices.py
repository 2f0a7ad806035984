"""Status values with the tone a badge shows them in.

A tone is one of `earned`, `coming`, `held`, `taken`, `neutral`; the style sheet gives each a colour and the label
gives the word, so meaning never rests on colour alone. Members are written value, tone, label:

    class Status(ToneChoices):
        DRAFT = "draft", "neutral", _("draft")
        POSTED = "posted", "earned", _("posted")

    Status("posted").tone  # "earned"
"""

from django.db import models


class ToneChoices(models.TextChoices):
    tone: str

    def __new__(cls, value: str, tone: str = "neutral") -> "ToneChoices":
        member = str.__new__(cls, value)
        member._value_ = value
        member.tone = tone
        return member
