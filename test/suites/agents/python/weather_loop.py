"""What the agents of this folder share: the question, the tool's answer, and how a run is told."""

import json
import sys

BASE_URL = sys.argv[1]
MODEL = "costeer"
QUESTION = "What is the weather in Oslo? Use the tool."
REPORT = "Rain all day, 7 degrees."
HEADERS = {"x-costeer-profile": "hamish-baird"}
MAX_TOKENS = 120

calls: list[dict] = []
runs: dict[str, dict] = {}


def weather_report(city: str) -> str:
    calls.append({"city": city})
    return REPORT


def ran(name: str, text: str) -> None:
    """Notes one agent's run, with the calls since the last one."""
    runs[name] = {"calls": list(calls), "text": text}
    calls.clear()


def tell() -> None:
    print(json.dumps(runs))
