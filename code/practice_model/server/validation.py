"""jsonschema, imported without what makes its import slow.

jsonschema loads rfc3987_syntax when that is installed (JupyterLab brings it), which builds a
grammar at import: seconds, for the "iri" format alone. Nothing here checks that format.
"""

from __future__ import annotations

import sys
from typing import Any

_SLOW = "rfc3987_syntax"
_modules: dict[str, Any] = sys.modules  # None in it makes an import fail, which jsonschema expects
_hide = _SLOW not in _modules and "jsonschema" not in _modules

if _hide:
    _modules[_SLOW] = None
try:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
finally:
    if _hide:
        del _modules[_SLOW]

__all__ = ["Draft202012Validator", "SchemaError"]
