"""What people enter here: a feed file."""

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    """A feed as CSV or NDJSON; what it holds is looked at by the import, not by the form."""

    file = forms.FileField(
        label=_("Feed file"),
        help_text=_("CSV with a header row (UTF-8, comma or semicolon) or one JSON object a line."),
        allow_empty_file=True,  # the import says in words what is wrong with it, and keeps a trace
    )
