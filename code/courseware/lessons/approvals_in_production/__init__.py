"""Hold what the page on approvals in production shows besides the library."""
