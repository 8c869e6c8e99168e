"""What a request to the Responses API may look like."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from practice_model.server.schema import FunctionName, JsonObject, Strict, text_or_parts

Status = Literal["in_progress", "completed", "incomplete"]
Phase = Literal["commentary", "final_answer"]


class InputText(Strict):
    """Text in a message or in a tool's output; what the model said earlier is `output_text`."""

    type: Literal["input_text", "output_text", "text"]
    text: str
    annotations: list[Any] | None = None
    logprobs: list[Any] | None = None
    prompt_cache_breakpoint: JsonObject | None = None


class InputImage(Strict):
    """A picture. The practice model sees that it is there, not what it shows."""

    type: Literal["input_image"]
    image_url: str | None = None
    file_id: str | None = None
    detail: Literal["auto", "low", "high", "original"] | None = None
    prompt_cache_breakpoint: JsonObject | None = None


class InputFile(Strict):
    """A file."""

    type: Literal["input_file"]
    file_data: str | None = None
    file_id: str | None = None
    file_url: str | None = None
    filename: str | None = None
    detail: Literal["auto", "low", "high"] | None = None
    prompt_cache_breakpoint: JsonObject | None = None


class Refusal(Strict):
    """A refusal of the model's."""

    type: Literal["refusal"]
    refusal: str


Part = Annotated[InputText | InputImage | InputFile | Refusal, Field(discriminator="type")]
Content = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[Part], Field(max_length=2048), Tag("parts")],
    Discriminator(text_or_parts),
]


class MessageItem(Strict):
    """A message of anybody's. Its type may be left out."""

    type: Literal["message"] | None = None
    role: Literal["user", "assistant", "system", "developer"]
    content: Content
    id: str | None = None
    status: Status | None = None
    phase: Phase | None = None


class CallItem(Strict):
    """A function call that the model made."""

    model_config = ConfigDict(extra="ignore", strict=True)

    type: Literal["function_call"]
    call_id: str = Field(min_length=1)
    name: FunctionName
    arguments: str
    id: str | None = None
    status: Status | None = None


class OutputItem(Strict):
    """The result of a function."""

    model_config = ConfigDict(extra="ignore", strict=True)

    type: Literal["function_call_output"]
    call_id: str = Field(min_length=1)
    output: Content
    id: str | None = None
    status: Status | None = None


class ReasoningItem(Strict):
    """Reasoning of an earlier turn, which the practice model does not read."""

    model_config = ConfigDict(extra="ignore", strict=True)

    type: Literal["reasoning"]
    id: str | None = None


class ReferenceItem(Strict):
    """An item of a stored response, by its id."""

    type: Literal["item_reference"] | None = None
    id: str


def _kind_of_item(value: object) -> str:
    if not isinstance(value, dict):
        return "message"
    kind = value.get("type")
    if kind is None:
        return "item_reference" if "id" in value and "role" not in value else "message"
    return str(kind)


Item = Annotated[
    Annotated[MessageItem, Tag("message")]
    | Annotated[CallItem, Tag("function_call")]
    | Annotated[OutputItem, Tag("function_call_output")]
    | Annotated[ReasoningItem, Tag("reasoning")]
    | Annotated[ReferenceItem, Tag("item_reference")],
    Discriminator(_kind_of_item),
]
Input = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[Item], Field(max_length=2048), Tag("parts")],
    Discriminator(text_or_parts),
]


class FunctionTool(Strict):
    """A function that the model may call."""

    model_config = ConfigDict(extra="ignore", strict=True)

    type: Literal["function"]
    name: FunctionName
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


class NamedTool(Strict):
    """A function by its name."""

    type: Literal["function"]
    name: str


class AllowedTools(Strict):
    """The choice narrowed to some functions."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"]
    tools: list[NamedTool] = Field(min_length=1)


def _kind_of_choice(value: object) -> str:
    if isinstance(value, dict):
        return "allowed" if value.get("type") == "allowed_tools" else "named"
    return "mode"


ToolChoice = Annotated[
    Annotated[Literal["none", "auto", "required"], Tag("mode")]
    | Annotated[NamedTool, Tag("named")]
    | Annotated[AllowedTools, Tag("allowed")],
    Discriminator(_kind_of_choice),
]


class PlainFormat(Strict):
    """Answer in plain text."""

    type: Literal["text"]


class ObjectFormat(Strict):
    """Answer with some JSON object."""

    type: Literal["json_object"]


class SchemaFormat(Strict):
    """Answer with JSON that follows a schema."""

    model_config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())

    type: Literal["json_schema"]
    name: FunctionName
    schema_: JsonObject = Field(alias="schema")
    description: str | None = None
    strict: bool | None = None


class TextOptions(Strict):
    """The form of the answer's text."""

    format: (
        Annotated[PlainFormat | ObjectFormat | SchemaFormat, Field(discriminator="type")] | None
    ) = None
    verbosity: Literal["low", "medium", "high"] | None = None


class Reasoning(Strict):
    """Options for reasoning: taken, and without effect on rules."""

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None
    context: Literal["auto", "current_turn", "all_turns"] | None = None
    mode: str | None = None


class ResponseStreamOptions(Strict):
    """Options for what a stream carries besides the answer."""

    include_obfuscation: bool | None = None


class ResponsesRequest(Strict):
    """The body of `POST /v1/responses`."""

    model: str
    input: Input | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    stream: bool | None = None
    stream_options: ResponseStreamOptions | None = None
    store: bool | None = None
    tools: list[FunctionTool] | None = Field(default=None, max_length=128)
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    text: TextOptions | None = None
    max_output_tokens: int | None = Field(default=None, ge=16)
    max_tool_calls: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    reasoning: Reasoning | None = None
    include: list[str] | None = None
    metadata: dict[str, str] | None = Field(default=None, max_length=16)
    truncation: Literal["auto", "disabled"] | None = None
    service_tier: Literal["auto", "default", "flex", "scale", "priority", "fast"] | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    prompt_cache_options: JsonObject | None = None
    access_programs: JsonObject | None = None
    background: bool | None = None
    context_management: list[JsonObject] | None = None
    conversation: str | JsonObject | None = None
    image: JsonObject | None = None
    moderation: JsonObject | None = None
    prompt: JsonObject | None = None
