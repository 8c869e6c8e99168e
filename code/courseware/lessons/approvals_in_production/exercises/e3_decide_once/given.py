"""Hold what earlier cells of the page import and define."""

from fastapi import FastAPI, HTTPException
