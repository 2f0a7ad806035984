"""The administration of this room; one module a subject."""

from targets.admin import quality

__all__ = ["quality"]
