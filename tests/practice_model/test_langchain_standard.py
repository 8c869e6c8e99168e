"""LangChain's own standard suites, unchanged, against the practice model."""

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langchain_tests.integration_tests import ChatModelIntegrationTests, EmbeddingsIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests, EmbeddingsUnitTests

from practice_model import PracticeServer

_server = PracticeServer()


@pytest.fixture(autouse=True, scope="module")
def _serving() -> Iterator[None]:
    with _server:
        yield


def _chat_params(base_url: str) -> dict[str, Any]:
    return {
        "model": "gpt-4.1-mini",
        "base_url": base_url,
        "api_key": _server.api_key,
        "stream_usage": True,
        "max_retries": 0,
    }


class TestChatUnit(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[ChatOpenAI]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return _chat_params("http://127.0.0.1:1/v1")  # no call leaves, and a snapshot is kept

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
        environment = {"OPENAI_API_KEY": "practice", "OPENAI_API_BASE": "http://127.0.0.1:1/v1"}
        expected = {"openai_api_key": "practice", "openai_api_base": "http://127.0.0.1:1/v1"}
        return environment, {"model": "gpt-4.1-mini"}, expected


class _ChatIntegration(ChatModelIntegrationTests):
    method: str

    @property
    def chat_model_class(self) -> type[ChatOpenAI]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return _chat_params(_server.base_url)

    @property
    def structured_output_kwargs(self) -> dict[str, Any]:
        return {"method": self.method}

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_model_override(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "gpt-4.1-nano"


class TestChatWithJsonSchema(_ChatIntegration):
    method = "json_schema"


class TestChatWithFunctionCalling(_ChatIntegration):
    method = "function_calling"


class TestChatOverTheResponsesApi(_ChatIntegration):
    method = "json_schema"

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {**_chat_params(_server.base_url), "use_responses_api": True}


class _Embeddings:
    @property
    def embeddings_class(self) -> type[OpenAIEmbeddings]:
        return OpenAIEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {
            "model": "text-embedding-3-small",
            "base_url": _server.base_url,
            "api_key": _server.api_key,
            "check_embedding_ctx_length": False,
            "max_retries": 0,
        }


class TestEmbeddingsUnit(_Embeddings, EmbeddingsUnitTests):
    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
        environment = {"OPENAI_API_KEY": "practice", "OPENAI_API_BASE": "http://127.0.0.1:1/v1"}
        expected = {"openai_api_key": "practice", "openai_api_base": "http://127.0.0.1:1/v1"}
        return environment, {"model": "text-embedding-3-small"}, expected


class TestEmbeddings(_Embeddings, EmbeddingsIntegrationTests):
    pass
