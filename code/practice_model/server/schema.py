"""What a request may look like, and what a client is told when it does not.

The models mirror the request objects of the Chat Completions and Embeddings API. Validation is
strict, as there: no number where a string belongs, no unknown parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError
from pydantic_core import ErrorDetails

from practice_model.server.errors import ApiError, bad_request

JsonObject = dict[str, Any]
FunctionName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]+$", max_length=64)]
SpeakerName = Annotated[str, Field(pattern=r"^[^\s<|\\/>]+$", max_length=64)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TextPart(_Strict):
    """Text in a list of content parts."""

    type: Literal["text"]
    text: str
    prompt_cache_breakpoint: JsonObject | None = None


class ImageUrl(_Strict):
    """Where a picture is."""

    url: str
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(_Strict):
    """A picture in a user message. The practice model sees that it is there, not what it shows."""

    type: Literal["image_url"]
    image_url: ImageUrl
    prompt_cache_breakpoint: JsonObject | None = None


class AudioPart(_Strict):
    """Sound in a user message."""

    type: Literal["input_audio"]
    input_audio: JsonObject
    prompt_cache_breakpoint: JsonObject | None = None


class FilePart(_Strict):
    """A file in a user message."""

    type: Literal["file"]
    file: JsonObject
    prompt_cache_breakpoint: JsonObject | None = None


class RefusalPart(_Strict):
    """A refusal in an assistant message."""

    type: Literal["refusal"]
    refusal: str


UserPart = Annotated[TextPart | ImagePart | AudioPart | FilePart, Field(discriminator="type")]
AssistantPart = Annotated[TextPart | RefusalPart, Field(discriminator="type")]


def _text_or_parts(value: object) -> str:
    return "parts" if isinstance(value, list) else "text"


TextContent = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[TextPart], Field(min_length=1), Tag("parts")],
    Discriminator(_text_or_parts),
]
UserContent = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[UserPart], Field(min_length=1), Tag("parts")],
    Discriminator(_text_or_parts),
]
AssistantContent = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[AssistantPart], Field(min_length=1), Tag("parts")],
    Discriminator(_text_or_parts),
]


class FunctionCall(_Strict):
    """The function an assistant message called, with its arguments as JSON text."""

    name: str
    arguments: str


class AssistantToolCall(_Strict):
    """One tool call in an assistant message."""

    id: str
    type: Literal["function"]
    function: FunctionCall


class SystemMessage(_Strict):
    """Instructions of the developer."""

    role: Literal["system", "developer"]
    content: TextContent
    name: SpeakerName | None = None


class UserMessage(_Strict):
    """What the user says."""

    role: Literal["user"]
    content: UserContent
    name: SpeakerName | None = None


class AssistantMessage(_Strict):
    """What the model said earlier."""

    role: Literal["assistant"]
    content: AssistantContent | None = None
    name: SpeakerName | None = None
    refusal: str | None = None
    tool_calls: Annotated[list[AssistantToolCall], Field(min_length=1)] | None = None
    function_call: None = None
    audio: JsonObject | None = None
    annotations: list[Any] | None = None


class ToolMessage(_Strict):
    """What a tool gave back."""

    role: Literal["tool"]
    content: TextContent
    tool_call_id: str
    name: str | None = None


Message = Annotated[
    SystemMessage | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")
]


class Function(_Strict):
    """A tool's name, description and JSON schema."""

    name: FunctionName
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


class Tool(_Strict):
    """A tool the model may call."""

    type: Literal["function"]
    function: Function


class NamedFunction(_Strict):
    """The name of a function."""

    name: str


class NamedToolChoice(_Strict):
    """A tool the model must call."""

    type: Literal["function"]
    function: NamedFunction


class AllowedTools(_Strict):
    """A subset of the tools, and whether one of them must be called."""

    mode: Literal["auto", "required"]
    tools: list[NamedToolChoice] = Field(min_length=1)


class AllowedToolsChoice(_Strict):
    """The choice narrowed to some tools."""

    type: Literal["allowed_tools"]
    allowed_tools: AllowedTools


def _kind_of_choice(value: object) -> str:
    if isinstance(value, dict):
        return "allowed" if value.get("type") == "allowed_tools" else "named"
    return "mode"


ToolChoice = Annotated[
    Annotated[Literal["none", "auto", "required"], Tag("mode")]
    | Annotated[NamedToolChoice, Tag("named")]
    | Annotated[AllowedToolsChoice, Tag("allowed")],
    Discriminator(_kind_of_choice),
]


class TextFormat(_Strict):
    """Answer in plain text."""

    type: Literal["text"]


class JsonObjectFormat(_Strict):
    """Answer with some JSON object."""

    type: Literal["json_object"]


class JsonSchema(_Strict):
    """A named JSON schema."""

    model_config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())

    name: FunctionName
    description: str | None = None
    schema_: JsonObject | None = Field(default=None, alias="schema")
    strict: bool | None = None


class JsonSchemaFormat(_Strict):
    """Answer with JSON that follows a schema."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


ResponseFormat = Annotated[
    TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")
]


class StreamOptions(_Strict):
    """What a stream carries besides the answer."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


def _one_or_several(value: object) -> str:
    return "several" if isinstance(value, list) else "one"


Stop = Annotated[
    Annotated[str, Tag("one")]
    | Annotated[list[str], Field(min_length=1, max_length=4), Tag("several")],
    Discriminator(_one_or_several),
]


class ChatRequest(_Strict):
    """The body of `POST /v1/chat/completions`."""

    model: str
    messages: list[Message] = Field(min_length=1, max_length=2048)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = Field(default=None, ge=1, le=128)
    seed: int | None = Field(default=None, ge=-(2**63), le=2**63 - 1)
    stop: Stop | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    tools: list[Tool] | None = Field(default=None, min_length=1, max_length=128)
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = Field(default=None, max_length=16)
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Literal["in_memory", "in-memory", "24h"] | None = None
    prompt_cache_options: JsonObject | None = None
    modalities: list[Literal["text", "audio"]] | None = Field(default=None, min_length=1)
    audio: JsonObject | None = None
    functions: list[JsonObject] | None = None
    function_call: str | JsonObject | None = None
    moderation: JsonObject | None = None
    prediction: JsonObject | None = None
    web_search_options: JsonObject | None = None


TokenIds = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]


def _kind_of_input(value: object) -> str:
    if not isinstance(value, list):
        return "text"
    first = value[0] if value else ""
    if isinstance(first, list):
        return "token arrays"
    if isinstance(first, int) and not isinstance(first, bool):
        return "tokens"
    return "texts"


EmbeddingInput = Annotated[
    Annotated[str, Field(min_length=1), Tag("text")]
    | Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(min_length=1, max_length=2048),
        Tag("texts"),
    ]
    | Annotated[TokenIds, Tag("tokens")]
    | Annotated[list[TokenIds], Field(min_length=1, max_length=2048), Tag("token arrays")],
    Discriminator(_kind_of_input),
]


class EmbeddingsRequest(_Strict):
    """The body of `POST /v1/embeddings`."""

    model: str
    input: EmbeddingInput
    dimensions: int | None = Field(default=None, ge=1)
    encoding_format: Literal["float", "base64"] | None = None
    user: str | None = None


_JSON_NAMES = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "an array",
    dict: "an object",
}

_WANTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a decimal",
    "bool_type": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "none_required": "null",
}


def _name(value: object) -> str:
    return _JSON_NAMES.get(type(value), "a value")


def _param(body: object, location: tuple[int | str, ...]) -> str:
    """The path of a fault in the client's own terms, without the names of union members."""
    path, here = "", body
    for position, step in enumerate(location):
        last = position == len(location) - 1
        if isinstance(step, int) and isinstance(here, list) and step < len(here):
            path, here = f"{path}[{step}]", here[step]
        elif isinstance(step, str) and isinstance(here, dict) and (step in here or last):
            path, here = (f"{path}.{step}" if path else step), here.get(step)
    return path


def _bound(error: ErrorDetails, param: str, word: str, sign: str, key: str) -> ApiError:
    value, limit = error["input"], error["ctx"][key]
    number = "integer" if isinstance(value, int) else "decimal"
    return bad_request(
        f"Invalid '{param}': {number} {word} value. Expected a value {sign} {limit}, "
        f"but got {value} instead.",
        param=param,
        code=f"{number}_{word.replace(' ', '_')}_value".replace("minimum", "min").replace(
            "maximum", "max"
        ),
    )


def _length(error: ErrorDetails, param: str) -> ApiError:
    short = error["type"].endswith("too_short")
    text = error["type"].startswith("string")
    what = "string" if text else "array"
    unit = "length"
    limit = error["ctx"]["min_length" if short else "max_length"]
    size = len(error["input"]) if isinstance(error["input"], str | list | dict) else 0
    if short and size == 0:
        return bad_request(
            f"Invalid '{param}': empty {what}. Expected {what} with minimum {unit} {limit}, "
            f"but got an empty {what} instead.",
            param=param,
            code=f"empty_{what}",
        )
    side, code = ("short", "below_min") if short else ("long", "above_max")
    word = "minimum" if short else "maximum"
    return bad_request(
        f"Invalid '{param}': {what} too {side}. Expected {what} with {word} {unit} {limit}, "
        f"but got {what} with {unit} {size} instead.",
        param=param,
        code=f"{what}_{code}_length",
    )


def _literals(error: ErrorDetails, param: str, expected: str) -> ApiError:
    value = error["input"]
    if not isinstance(value, str | int | float | bool):
        return bad_request(
            f"Invalid type for '{param}': expected one of {expected}, "
            f"but got {_name(value)} instead.",
            param=param,
            code="invalid_type",
        )
    return bad_request(
        f"Invalid value: '{value}'. Supported values are: {expected}.",
        param=param,
        code="invalid_value",
    )


def _tag(error: ErrorDetails, param: str) -> ApiError:
    field = error["ctx"]["discriminator"].strip("'")
    value = error["input"]
    where = f"{param}.{field}" if param else field
    if error["type"] == "union_tag_not_found" or not isinstance(value, dict):
        return _missing(where)
    error = {**error, "input": value.get(field)}
    return _literals(error, where, error["ctx"]["expected_tags"])


def _missing(param: str) -> ApiError:
    return bad_request(
        f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter"
    )


_BY_TYPE: dict[str, Callable[[ErrorDetails, str], ApiError]] = {
    "missing": lambda error, param: _missing(param),
    "extra_forbidden": lambda error, param: bad_request(
        f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter"
    ),
    "literal_error": lambda error, param: _literals(error, param, error["ctx"]["expected"]),
    "union_tag_invalid": _tag,
    "union_tag_not_found": _tag,
    "greater_than_equal": lambda e, p: _bound(e, p, "below minimum", ">=", "ge"),
    "less_than_equal": lambda e, p: _bound(e, p, "above maximum", "<=", "le"),
    "too_short": _length,
    "too_long": _length,
    "string_too_short": _length,
    "string_too_long": _length,
    "string_pattern_mismatch": lambda error, param: bad_request(
        f"Invalid '{param}': string does not match pattern. Expected a string that matches the "
        f"pattern '{error['ctx']['pattern']}'.",
        param=param,
        code="invalid_value",
    ),
}


def explain(body: object, problem: ValidationError) -> ApiError:
    """The 400 for the first thing that is wrong with a request body."""
    error = problem.errors(include_url=False)[0]
    param = _param(body, error["loc"])
    if error["type"] in _BY_TYPE:
        return _BY_TYPE[error["type"]](error, param)
    if error["type"] in _WANTED:
        return bad_request(
            f"Invalid type for '{param}': expected {_WANTED[error['type']]}, "
            f"but got {_name(error['input'])} instead.",
            param=param,
            code="invalid_type",
        )
    return bad_request(
        f"Invalid value for '{param}': {error['msg']}.", param=param, code="invalid_value"
    )


Request = TypeVar("Request", bound=BaseModel)


def parse(model: type[Request], body: object) -> Request:
    """A validated request; an `ApiError` 400 that names what is wrong with it."""
    if not isinstance(body, dict):
        raise bad_request(f"Invalid body: expected an object, but got {_name(body)} instead.")
    try:
        return model.model_validate(body)
    except ValidationError as problem:
        raise explain(body, problem) from None
