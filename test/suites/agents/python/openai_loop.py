"""OpenAI's client with its helper for tools, whole and streamed."""

import json

from openai import OpenAI, pydantic_function_tool
from pydantic import BaseModel
from weather_loop import BASE_URL, HEADERS, MAX_TOKENS, MODEL, QUESTION, ran, tell, weather_report


class Weather(BaseModel):
    """Tells the weather in a city."""

    city: str


client = OpenAI(base_url=BASE_URL, api_key="none", max_retries=0, default_headers=HEADERS)
tool = pydantic_function_tool(Weather, name="weather")


def asked(messages: list, streamed: bool):
    ask = {"model": MODEL, "messages": messages, "temperature": 0, "max_tokens": MAX_TOKENS, "tools": [tool]}
    if not streamed:
        return client.chat.completions.parse(**ask)
    with client.chat.completions.stream(**ask) as stream:
        return stream.get_final_completion()


for name, streamed in [("openai, parse", False), ("openai, stream", True)]:
    messages = [{"role": "user", "content": QUESTION}]
    for _ in range(3):
        message = asked(messages, streamed).choices[0].message
        if not message.tool_calls:
            break
        messages.append(message.to_dict())
        for call in message.tool_calls:
            parsed = call.function.parsed_arguments
            assert parsed == Weather(**json.loads(call.function.arguments)), call
            messages.append({"role": "tool", "tool_call_id": call.id, "content": weather_report(parsed.city)})
    ran(name, message.content)
tell()
