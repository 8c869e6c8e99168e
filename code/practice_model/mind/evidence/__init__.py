"""Evidence: what a question or a field is answered from. See `ranking`, `fields` and `talk`."""
