"""A schedule as a form: the same text that can be written as YAML, taken apart into fields and put together again.

    tree = as_tree(version.document)                         plain keys, lists and texts; nothing is converted
    form = ComponentForm("closing", tree, place=2)           filled with the third component
    form = ComponentForm("closing", tree, data=request.POST, place=2)
    changed = form.written()                                 the tree with what was entered
    found = problems(changed)                                of schedule_document, which is the only one that judges
    form.show(found)                                         beside the fields they are about

So the form has no rules of its own: a field is named like its place in the document (`rate-tiers-measure` is
rate.tiers.measure), an empty one is a key left out. `tree` is the text. `asked` says which fields a kind has, `told` in
which order, and `component` puts the answers together again and the objections beside them.
"""

from commissions.schedule_form.component import ComponentForm
from commissions.schedule_form.header import HeaderForm
from commissions.schedule_form.tree import as_text, as_tree, moved, problems, with_copy, without

__all__ = [
    "ComponentForm",
    "HeaderForm",
    "as_text",
    "as_tree",
    "moved",
    "problems",
    "with_copy",
    "without",
]
