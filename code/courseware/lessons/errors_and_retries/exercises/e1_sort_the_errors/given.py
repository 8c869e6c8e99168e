"""Hold what earlier cells of the page import and define."""

import json

import openai
