"""The administration of this room; one module a subject."""

from targets.admin import agreements, quality

__all__ = ["agreements", "quality"]
