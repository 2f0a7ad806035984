"""The only place of this room that writes; one module a subject."""
