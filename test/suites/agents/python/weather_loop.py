"""What the agents of this folder share: what they are given to ask and to answer, and how a run is told."""

import json
import sys

BASE_URL = sys.argv[1]
ASKED = json.loads(sys.argv[2])
MODEL = ASKED["model"]
QUESTION = ASKED["question"]
REPORT = ASKED["report"]
HEADERS = ASKED["headers"]
MAX_TOKENS = ASKED["max_tokens"]

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
