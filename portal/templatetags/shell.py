"""{% load shell %}: what the page around the content needs: operator, theme, navigation, page numbers."""

from __future__ import annotations

from typing import Any, cast

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from partners.acting import PartnerRequest
from portal import navigation

register = template.Library()
THEMES = {"light", "dark"}
TONES = {"success": "earned", "info": "coming", "debug": "neutral", "warning": "held", "error": "taken"}


@register.simple_tag
def operator() -> dict[str, str]:
    """Who runs this installation, and what the product is called."""
    return {**settings.OPERATOR, "product": "Partnerwerk"}


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> SafeString:
    """The theme somebody chose on this device; without a choice the device decides."""
    request: HttpRequest | None = context.get("request")
    theme = request.COOKIES.get("theme", "") if request else ""
    return format_html(' data-theme="{}"', theme) if theme in THEMES else SafeString("")


@register.simple_tag(takes_context=True)
def nav_items(context: Context, shell: str) -> list[navigation.Shown]:
    request: HttpRequest | None = context.get("request")
    if request is None or not request.user.is_authenticated:
        return []
    return navigation.items(shell, cast(PartnerRequest, request))


@register.simple_tag(takes_context=True)
def whose_desk(context: Context) -> str:
    """Name in the top bar: the company whose figures are shown, in the office the person."""
    request: Any = context["request"]
    partner = getattr(request, "partner", None)
    return partner.legal_name if partner else str(request.user)


@register.simple_tag(takes_context=True)
def other_shell(context: Context, shell: str) -> dict[str, str] | None:
    """Administration for those who may; the shells themselves are separate worlds."""
    user: Any = context["request"].user
    if shell != "office" or not user.is_staff:
        return None
    try:
        return {"url": reverse("admin:index"), "label": _("Administration")}
    except NoReverseMatch:
        return None


@register.simple_tag
def page_numbers(page: Page) -> list[int | None]:
    """1 … 4 5 6 … 20, None for the gap."""
    last, here = page.paginator.num_pages, page.number
    wanted = sorted({1, last, *range(max(1, here - 2), min(last, here + 2) + 1)})
    numbers: list[int | None] = []
    for number in wanted:
        previous = numbers[-1] if numbers else None
        if previous and number - previous == 2:
            numbers.append(number - 1)
        elif previous and number - previous > 2:
            numbers.append(None)
        numbers.append(number)
    return numbers


@register.filter
def message_tone(message: Any) -> str:
    return TONES.get(message.level_tag, "neutral")
