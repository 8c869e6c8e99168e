"""The practice model: an OpenAI-compatible server and the rule-based mind behind it."""
