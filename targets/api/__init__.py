"""For machines: one module a subject, all addresses here."""

from targets.api import quality, targets

urlpatterns = [*targets.urlpatterns, *quality.urlpatterns]
