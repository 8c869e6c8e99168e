"""Hold what the lesson's page shows besides the library."""
