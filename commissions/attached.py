"""Examples attached to a schedule, run before one of its versions is published.

An attached example leaves out `products` and `schedules`: the live catalogue and every published version, with the one
to be published last, are put in their place. So it says what the schedule means, whatever version is asked.

They run in a process of their own (`manage.py check_examples`) and there in scratch databases, so that nothing they do
can meet live data.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from commissions.models import Schedule, ScheduleVersion
from core.errors import Refused
from sales.models import Product

TIMEOUT_SECONDS = 240
INDENT = "    "


def completed(text: str, schedule: Schedule, version: ScheduleVersion | None = None) -> str:
    """The example as `check_examples` needs it. What it says itself is left as it is."""
    said = {line.partition(":")[0] for line in text.splitlines() if line and not line[0].isspace()}
    parts = [text.rstrip("\n")]
    if "products" not in said:
        parts.append(_products())
    if "schedules" not in said:
        parts.append(_schedules(schedule, version))
    return "\n".join(part for part in parts if part) + "\n"


def _products() -> str:
    rows = [
        {"code": each.code, "family": each.family.code} | ({"one_off": True} if each.family.one_off else {})
        for each in Product.objects.select_related("family")
    ]
    return "\n".join(["products:", *(f"  - {json.dumps(row, ensure_ascii=False)}" for row in rows)]) if rows else ""


def _schedules(schedule: Schedule, version: ScheduleVersion | None) -> str:
    versions = list(schedule.versions.filter(status="published").order_by("sequence"))
    if version:
        versions.append(version)
    if not versions:
        versions = list(schedule.versions.order_by("pk")[:1])
    lines = ["schedules:"]
    for each in versions:
        first, *rest = each.document.rstrip("\n").splitlines()
        lines += [f"  - {first}", *(INDENT + line for line in rest)]
    return "\n".join(lines)


def demand(version: ScheduleVersion) -> None:
    """Refused, with what differs cent by cent, unless every attached example agrees with this version."""
    told = _told(version)
    if told is None:
        raise Refused(_("The attached examples took longer than four minutes. Nothing was published."))
    if told:
        raise Refused(_("An attached example does not agree with this version. Nothing was published.") + "\n" + told)


def results(version: ScheduleVersion) -> dict[str, Any]:
    """How many examples are attached, and what they say about this version: nothing, if all of them agree."""
    told = _told(version)
    late = _("The attached examples took longer than four minutes.")
    return {"count": version.schedule.examples.count(), "agree": told == "", "told": late if told is None else told}


def _told(version: ScheduleVersion) -> str | None:
    """What `check_examples` objects to; empty if nothing, None if it does not come to an end."""
    examples = list(version.schedule.examples.order_by("pk"))
    if not examples:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        for number, example in enumerate(examples, start=1):
            file = Path(folder) / f"{number:02}.yaml"
            file.write_text(completed(example.document, version.schedule, version), encoding="utf-8")
        try:
            done = subprocess.run(
                [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "check_examples", "--no-color", folder],
                capture_output=True,
                text=True,
                timeout=TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return None
    return (done.stdout.strip() or done.stderr.strip()[-500:]) if done.returncode else ""
