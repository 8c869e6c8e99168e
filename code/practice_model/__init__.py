"""The practice model: an OpenAI-compatible server on 127.0.0.1, offline and deterministic.

    with PracticeServer() as server:
        client = OpenAI(base_url=server.base_url, api_key=server.api_key)
        with server.inject(Fault.rate_limit(retry_after=1)):
            ...

Any OpenAI client may use it: it serves Chat Completions, Responses, embeddings and models. It shows
the faults of a real service when told to, and lists what it was asked in `server.requests`. Other
processes tell it over HTTP, with its key as bearer token:

    POST   /_practice/faults      {"faults": [{"kind": "rate_limit", "retry_after": 1}], "times": 2}
    GET    /_practice/faults      the faults in force;  DELETE ends them
    GET    /_practice/requests    what was asked;       DELETE forgets it
"""

from practice_model.server.errors import PortTaken, PracticeError
from practice_model.server.faults import Fault, Injection
from practice_model.server.records import RequestRecord
from practice_model.server.server import PracticeServer

__all__ = ["Fault", "Injection", "PortTaken", "PracticeError", "PracticeServer", "RequestRecord"]
