"""Hold what earlier cells of the page import and define."""

from langchain_openai import ChatOpenAI
from langgraph.types import RetryPolicy

from agent_patterns.resilience import FullJitter, Retry
from agent_patterns.resilience.classification import is_retryable
from courseware.lessons.errors_and_retries.desk import Ticket, one_node
