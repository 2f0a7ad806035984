"""A draft as a form: its header, its components in a list, one component at a time.

Every button saves the whole draft through `save_draft`, which refuses what the document's reader refuses, so a draft is
a sound document at any time. While somebody types, the page asks what the reader would say (`check`) and puts the
answer beside the fields; nothing is saved by that.
"""

import hashlib
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from commissions import actions, schedule_document
from commissions.actions.schedules import DRAFTS
from commissions.models import Kind, Schedule, ScheduleVersion
from commissions.queries import catalogue
from commissions.schedule_document import Document, DocumentError, Problem
from commissions.schedule_form import ComponentForm, HeaderForm, as_text, as_tree, moved, with_copy, without
from commissions.schedule_form.tree import Tree, components, place_of
from commissions.wording import ComponentRow, component_rows, in_words
from core.errors import Conflict
from core.periods import berlin_date
from partners.access import office_required

Status = ScheduleVersion.Status
KINDS = [kind for kind in Kind if kind != Kind.MANUAL]
EXPLAINED = {
    Kind.CLOSING: gettext_lazy("Once for each activated order: 45.00 EUR per ISDN order, new contracts only."),
    Kind.RECURRING: gettext_lazy("Each month of revenue: 4 percent of what the customer was billed, for 24 months."),
    Kind.WINDOW_BONUS: gettext_lazy("For all that was sold in a period: from 50 units in the quarter 5.00 EUR each."),
    Kind.TARGET_BONUS: gettext_lazy("For reaching an agreed target: from 100 % attained 4.00 EUR per unit."),
    Kind.CAMPAIGN: gettext_lazy("For orders of a campaign: 20.00 EUR each, or 10 percent on top of another component."),
    Kind.BUNDLE: gettext_lazy("For a customer who has several things at once: 30.00 EUR for mobile and DSL together."),
    Kind.UPLIFT: gettext_lazy("For satisfied customers: from NPS 30 another 2 percent on the quarter's commissions."),
    Kind.OVERRIDE: gettext_lazy("For the distributor, on top: 5 percent of what the sub-partner earns."),
    Kind.SPLIT: gettext_lazy("Between the two: of each line of the sub-partner the distributor keeps 12.5 %."),
}


@office_required(*DRAFTS)
def editor(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a whole: what it is called, when it starts, and its components."""
    draft, tree = _draft(request, pk)
    posted = request.method == "POST"
    form = HeaderForm(tree, data=request.POST if posted else None)
    rest: list[Problem] = []
    if posted:
        _demand_unchanged(request, draft)
        saved, found = _save(request, form.written(), draft)
        if saved:
            messages.success(request, _("Saved."))
            return redirect("commissions:edit_form", pk)
        rest = form.show(found)
    document = _read(tree)
    context = {
        **_frame(draft, str(draft)),
        "form": form,
        "problems": [str(each) for each in rest],
        "components": component_rows(document) if document else [],
        "kinds": [(kind.value, kind.label, EXPLAINED[kind]) for kind in KINDS],
        "statuses": Status,
    }
    return render(request, "commissions/office/editor.html", context, status=422 if form.errors or rest else 200)


@office_required(*DRAFTS)
def new_schedule(request: HttpRequest, kind: str) -> HttpResponse:
    """A schedule that does not exist yet: its header and its first component, since none is a schedule without."""
    if kind not in KINDS:
        raise Http404
    tree: Tree = {"valid_from": str(berlin_date(timezone.now()).replace(day=1)), "components": []}
    posted = request.POST if request.method == "POST" else None
    header = HeaderForm(tree, data=posted, new=True)
    form = ComponentForm(kind, header.written() if posted else tree, data=posted)
    found: list[Problem] = []
    document = None
    if posted is not None:
        document, found = _checked(form.written())
        if "more" not in posted:
            form.show(header.show(found))
        if not found and not {"check", "more"} & posted.keys():
            if Schedule.objects.filter(code=header.cleaned_data["schedule"]).exists():
                header.add_error("schedule", _("There is a schedule of this code. Start a new draft from its version."))
            else:
                saved = actions.save_draft(as_text(form.written()), by=request.user, now=timezone.now())
                return redirect("commissions:edit_form", saved.pk)
    context = _component_context(form, document, found) | {
        "title": _("New schedule"),
        "crumbs": [(_("Schedules"), reverse("commissions:schedules"))],
        "header": header,
        "kinds": [(each.value, each.label, reverse("commissions:new_form", args=[each])) for each in KINDS],
        "cancel": reverse("commissions:schedules"),
    }
    return _component_page(request, context, found)


@office_required(*DRAFTS)
def add_component(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    draft, tree = _draft(request, pk)
    return _component(request, draft, ComponentForm(kind, tree, data=_posted(request)), _("New component"))


@office_required(*DRAFTS)
def edit_component(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    draft, tree = _draft(request, pk)
    place = _place(tree, code)
    kind = str(components(tree)[place].get("kind"))
    form = ComponentForm(kind, tree, place=place, data=_posted(request))
    document = _read(tree)
    return _component(request, draft, form, component_rows(document)[place].title if document else code)


def _component(request: HttpRequest, draft: ScheduleVersion, form: ComponentForm, title: str) -> HttpResponse:
    """The form of one component; `check` answers with the problems alone, `more` with more empty rows."""
    found: list[Problem] = []
    if request.method == "POST":
        document, found = _checked(form.written())
        if not {"check", "more"} & request.POST.keys():
            _demand_unchanged(request, draft)
            if not found and form.is_valid():
                actions.save_draft(
                    as_text(form.written()), by=request.user, now=timezone.now(), version=draft, expected=draft.document
                )
                messages.success(request, _("Saved."))
                return redirect("commissions:edit_form", draft.pk)
        if "more" not in request.POST:
            form.show(found)
    else:
        document = _read(form.tree) if form.place is not None else None
    context = _component_context(form, document, found) | _frame(draft, title)
    context["crumbs"] = [*context["crumbs"], (_("Form"), reverse("commissions:edit_form", args=[draft.pk]))]
    context["cancel"] = reverse("commissions:edit_form", args=[draft.pk])
    return _component_page(request, context, found)


def _component_context(form: ComponentForm, document: Document | None, found: list[Problem]) -> dict[str, Any]:
    row: ComponentRow | None = component_rows(document)[form.index] if document else None
    groups = {str(each["group"]) for each in form.others if each.get("group")}
    return {
        "form": form,
        "kind": form.kind,
        "explained": EXPLAINED[form.kind],
        "words": in_words(row) if row else "",
        "warnings": _warnings(document, form.index) if document else [],
        "lists": {
            "groups": [(group, "") for group in sorted(groups)],
            "campaigns": form.choices.campaigns,
            "targets": form.choices.targets,
        },
        "count": len(found),
    }


def _component_page(request: HttpRequest, context: dict[str, Any], found: list[Problem]) -> HttpResponse:
    if "check" in request.POST:
        return render(request, "commissions/office/component_check.html", context)
    saving = request.method == "POST" and "more" not in request.POST
    return render(request, "commissions/office/component.html", context, status=422 if saving else 200)


@office_required(*DRAFTS)
@require_POST
def arrange(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Moves, copies or removes a component."""
    draft, tree = _draft(request, pk)
    place = _place(tree, code)
    verb = request.POST.get("do", "")
    if verb in ("up", "down"):
        changed = moved(tree, place, -1 if verb == "up" else 1)
    elif verb == "copy":
        changed = with_copy(tree, place)
    elif verb == "remove":
        changed = without(tree, place)
    else:
        raise Http404
    _saved, found = _save(request, changed, draft)
    for problem in found:
        messages.error(request, _("This would leave a document with a problem: %s") % problem)
    return redirect(f"{reverse('commissions:edit_form', args=[pk])}#components")


@office_required(*DRAFTS)
@require_POST
def copy_version(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft with the text of any version, opened in the form."""
    source = get_object_or_404(ScheduleVersion.objects.visible_to(request.user), pk=pk)
    try:
        draft = actions.save_draft(source.document, by=request.user, now=timezone.now())
    except DocumentError:  # the catalogue has changed since; as text it can be put right
        messages.error(request, _("The catalogue has changed since. Please put the document right first."))
        return redirect(f"{reverse('commissions:new_draft')}?from={pk}")
    messages.success(request, _("A new draft with the same text. Nothing changes until a second person publishes it."))
    return redirect("commissions:edit_form", draft.pk)


# ---- parts ---------------------------------------------------------------------------------------------------
def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _draft(request: HttpRequest, pk: int) -> tuple[ScheduleVersion, Tree]:
    seen = ScheduleVersion.objects.visible_to(request.user).select_related("schedule")
    draft = get_object_or_404(seen, pk=pk, status=Status.DRAFT)
    return draft, as_tree(draft.document)


def _place(tree: Tree, code: str) -> int:
    place = place_of(tree, code)
    if place is None:
        raise Http404
    return place


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _demand_unchanged(request: HttpRequest, draft: ScheduleVersion) -> None:
    """Two people at one draft: the second is told instead of undoing what the first has saved."""
    if request.POST.get("seen") != fingerprint(draft.document):
        raise Conflict(_("Somebody else saved this draft meanwhile. Open it again; what you entered is not saved."))


def _save(request: HttpRequest, tree: Tree, draft: ScheduleVersion) -> tuple[bool, list[Problem]]:
    try:
        actions.save_draft(as_text(tree), by=request.user, now=timezone.now(), version=draft, expected=draft.document)
    except DocumentError as refused:
        return False, refused.problems
    return True, []


def _checked(tree: Tree) -> tuple[Document | None, list[Problem]]:
    try:
        return schedule_document.parse(as_text(tree), catalogue()), []
    except DocumentError as refused:
        return None, refused.problems


def _read(tree: Tree) -> Document | None:
    return _checked(tree)[0]


def _warnings(document: Document, index: int) -> list[str]:
    own = f"components[{index}]."
    found = schedule_document.warnings(document, catalogue())
    return [str(each) for each in found if each.path.startswith(own)]


def _frame(draft: ScheduleVersion, title: str) -> dict[str, Any]:
    return {
        "title": title,
        "crumbs": [
            (_("Schedules"), reverse("commissions:schedules")),
            (str(draft), reverse("commissions:version", args=[draft.pk])),
        ],
        "version": draft,
        "seen": fingerprint(draft.document),
    }
