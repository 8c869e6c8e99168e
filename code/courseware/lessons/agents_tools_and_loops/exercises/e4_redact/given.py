"""Give what the starter imports and defines."""

import re

from langchain.agents.middleware import wrap_model_call

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")

__all__ = ["ADDRESS", "wrap_model_call"]
