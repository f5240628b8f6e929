"""The official Python client against the gateway whose base URL is the first argument."""

import asyncio
import sys

import openai
from openai import AsyncOpenAI, OpenAI

base_url = sys.argv[1]
client = OpenAI(base_url=base_url, api_key="x", max_retries=0)
messages = [{"role": "user", "content": "Write a long letter to an old friend about your garden."}]
steering = {"costeer": {"profile": "noor-lindqvist", "strength": 1.0}}
ask = {"model": "costeer", "messages": messages, "temperature": 0, "max_tokens": 10}

raw = client.chat.completions.with_raw_response.create(**ask, extra_body=steering)
assert raw.headers["x-costeer-steering"] == "on", raw.headers
whole = raw.parse()
text = whole.choices[0].message.content
assert text and whole.usage.completion_tokens == 10, whole

plain = client.chat.completions.create(**ask)
assert plain.choices[0].message.content != text

chunks = list(
    client.chat.completions.create(
        **ask, stream=True, stream_options={"include_usage": True}, extra_body=steering
    )
)
assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == text
assert chunks[-1].usage.completion_tokens == 10 and chunks[-1].choices == []

with client.chat.completions.stream(**ask, extra_body=steering) as stream:
    assert "".join(event.delta for event in stream if event.type == "content.delta") == text

logprobs = client.chat.completions.create(**ask, logprobs=True, top_logprobs=3, extra_body=steering)
tokens = logprobs.choices[0].logprobs.content
assert b"".join(bytes(t.bytes) for t in tokens).decode() == text
# A private value is one step: its later tokens have themselves alone
assert {len(t.top_logprobs) for t in tokens} <= {1, 3} and len(tokens[0].top_logprobs) == 3
assert all(t.top_logprobs[0].token == t.token for t in tokens if len(t.top_logprobs) == 1)

headers = {"x-costeer-profile": "noor-lindqvist", "x-costeer-strength": "1"}
assert client.chat.completions.create(**ask, extra_headers=headers).choices[0].message.content == text

completion = client.completions.create(
    model="costeer", prompt=["My weekend", "Once upon"], max_tokens=5, temperature=0, logprobs=1
)
assert [choice.index for choice in completion.choices] == [0, 1]
first = completion.choices[0]
assert "".join(first.logprobs.tokens) == first.text, first

response = client.responses.create(
    model="costeer", input=messages, temperature=0, max_output_tokens=10, extra_body=steering
)
assert response.output_text == text, response
with client.responses.stream(
    model="costeer", input=messages, temperature=0, max_output_tokens=10, extra_body=steering
) as stream:
    events = list(stream)
assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == text
assert events[-1].type == "response.incomplete" and events[-1].response.output_text == text, events[-1]

assert "costeer" in [model.id for model in client.models.list()]

tools = [{"type": "function", "function": {"name": "f"}}]
optional = client.chat.completions.with_raw_response.create(**ask, tools=tools, extra_body=steering)
assert optional.headers["x-costeer-ignored"] == "tools", optional.headers
assert optional.parse().choices[0].message.content == text

for refused, param in [
    (lambda: client.chat.completions.create(**ask, tools=tools, tool_choice="required"), "tool_choice"),
    (lambda: client.chat.completions.create(**{**ask, "temperature": 3}), "temperature"),
]:
    try:
        refused()
        raise AssertionError(f"{param} was accepted")
    except openai.BadRequestError as error:
        assert error.param == param, error
try:
    client.embeddings.create(model="costeer", input="x")
    raise AssertionError("embeddings were accepted")
except openai.NotFoundError:
    pass


async def cancelled() -> None:
    stream = await AsyncOpenAI(base_url=base_url, api_key="x").chat.completions.create(
        **{**ask, "max_tokens": 500}, stream=True
    )
    async for _ in stream:
        break
    await stream.close()


asyncio.run(cancelled())
print("ok")
