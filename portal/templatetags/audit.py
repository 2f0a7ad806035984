"""{% load audit %}: {{ entry.verb|in_words }}."""

from django import template

from portal.wording import verb_in_words

register = template.Library()
register.filter("in_words", verb_in_words)
