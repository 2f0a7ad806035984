"""Pages of the office: the month (`board`, `run`), its lines (`lines`), schedules, and what people add by hand."""
