"""What a request may look like, and what a client is told when it does not.

The models mirror the request objects of the Chat Completions and Embeddings API. Validation is
strict, as there: no number where a string belongs, no unknown parameter.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

JsonObject = dict[str, Any]
FunctionName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]+$", max_length=64)]
SpeakerName = Annotated[str, Field(pattern=r"^[^\s<|\\/>]+$", max_length=64)]


class Strict(BaseModel):
    """Takes what is declared and nothing else, as the API does."""

    model_config = ConfigDict(extra="forbid", strict=True)


class TextPart(Strict):
    """Text in a list of content parts."""

    type: Literal["text"]
    text: str
    prompt_cache_breakpoint: JsonObject | None = None


class ImageUrl(Strict):
    """The place of a picture."""

    url: str
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(Strict):
    """A picture in a user message. The practice model sees that it is there, not what it shows."""

    type: Literal["image_url"]
    image_url: ImageUrl
    prompt_cache_breakpoint: JsonObject | None = None


class AudioPart(Strict):
    """Sound in a user message."""

    type: Literal["input_audio"]
    input_audio: JsonObject
    prompt_cache_breakpoint: JsonObject | None = None


class FilePart(Strict):
    """A file in a user message."""

    type: Literal["file"]
    file: JsonObject
    prompt_cache_breakpoint: JsonObject | None = None


class RefusalPart(Strict):
    """A refusal in an assistant message."""

    type: Literal["refusal"]
    refusal: str


UserPart = Annotated[TextPart | ImagePart | AudioPart | FilePart, Field(discriminator="type")]
AssistantPart = Annotated[TextPart | RefusalPart, Field(discriminator="type")]


def text_or_parts(value: object) -> str:
    """Return the tag of a content: one text, or a list of parts."""
    return "parts" if isinstance(value, list) else "text"


TextContent = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[TextPart], Field(min_length=1), Tag("parts")],
    Discriminator(text_or_parts),
]
UserContent = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[UserPart], Field(min_length=1), Tag("parts")],
    Discriminator(text_or_parts),
]
AssistantContent = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[AssistantPart], Field(min_length=1), Tag("parts")],
    Discriminator(text_or_parts),
]


class FunctionCall(Strict):
    """The function an assistant message called, with its arguments as JSON text."""

    name: str
    arguments: str


class AssistantToolCall(Strict):
    """A tool call in an assistant message."""

    id: str
    type: Literal["function"]
    function: FunctionCall


class SystemMessage(Strict):
    """Instructions of the developer."""

    role: Literal["system", "developer"]
    content: TextContent
    name: SpeakerName | None = None


class UserMessage(Strict):
    """A message of the user's."""

    role: Literal["user"]
    content: UserContent
    name: SpeakerName | None = None


class AssistantMessage(Strict):
    """An earlier message of the model's."""

    role: Literal["assistant"]
    content: AssistantContent | None = None
    name: SpeakerName | None = None
    refusal: str | None = None
    tool_calls: Annotated[list[AssistantToolCall], Field(min_length=1)] | None = None
    function_call: None = None
    audio: JsonObject | None = None
    annotations: list[Any] | None = None


class ToolMessage(Strict):
    """The result of a tool."""

    role: Literal["tool"]
    content: TextContent
    tool_call_id: str
    name: str | None = None


Message = Annotated[
    SystemMessage | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")
]


class Function(Strict):
    """A tool's name, description and JSON schema."""

    name: FunctionName
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


class Tool(Strict):
    """A tool the model may call."""

    type: Literal["function"]
    function: Function


class NamedFunction(Strict):
    """The name of a function."""

    name: str


class NamedToolChoice(Strict):
    """A tool the model must call."""

    type: Literal["function"]
    function: NamedFunction


class AllowedTools(Strict):
    """A subset of the tools, and whether one of them must be called."""

    mode: Literal["auto", "required"]
    tools: list[NamedToolChoice] = Field(min_length=1)


class AllowedToolsChoice(Strict):
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


class TextFormat(Strict):
    """Answer in plain text."""

    type: Literal["text"]


class JsonObjectFormat(Strict):
    """Answer with some JSON object."""

    type: Literal["json_object"]


class JsonSchema(Strict):
    """A named JSON schema."""

    model_config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())

    name: FunctionName
    description: str | None = None
    schema_: JsonObject | None = Field(default=None, alias="schema")
    strict: bool | None = None


class JsonSchemaFormat(Strict):
    """Answer with JSON that follows a schema."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


ResponseFormat = Annotated[
    TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")
]


class StreamOptions(Strict):
    """Options for what a stream carries besides the answer."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


def _one_or_several(value: object) -> str:
    return "several" if isinstance(value, list) else "one"


Stop = Annotated[
    Annotated[str, Tag("one")]
    | Annotated[list[str], Field(min_length=1, max_length=4), Tag("several")],
    Discriminator(_one_or_several),
]


class ChatRequest(Strict):
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


class EmbeddingsRequest(Strict):
    """The body of `POST /v1/embeddings`."""

    model: str
    input: EmbeddingInput
    dimensions: int | None = Field(default=None, ge=1)
    encoding_format: Literal["float", "base64"] | None = None
    user: str | None = None
