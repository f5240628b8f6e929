"""Anthropic's official Python client against the gateway whose base URL is the first argument."""

import sys

import anthropic
from anthropic import Anthropic

client = Anthropic(base_url=sys.argv[1].removesuffix("/v1"), api_key="none", max_retries=0)
messages = [{"role": "user", "content": "Write a long letter to an old friend about your garden."}]
steering = {"costeer": {"profile": "noor-lindqvist", "strength": 1.0, "seed": 1}, "temperature": 0}
ask = {"model": "costeer", "messages": messages, "max_tokens": 10}

raw = client.messages.with_raw_response.create(**ask, extra_body=steering)
assert raw.headers["x-costeer-steering"] == "on", raw.headers
whole = raw.parse()
text = whole.content[0].text
assert text and whole.usage.output_tokens == 10 and whole.stop_reason == "max_tokens", whole

plain = client.messages.create(**ask, extra_body={"temperature": 0})
assert plain.content[0].text != text

with client.messages.stream(**ask, extra_body=steering) as stream:
    assert "".join(stream.text_stream) == text
    message = stream.get_final_message()
assert message.content[0].text == text and message.usage.output_tokens == 10, message

headers = {"x-costeer-profile": "noor-lindqvist", "x-costeer-strength": "1"}
named = client.messages.create(**ask, extra_body={"temperature": 0}, extra_headers=headers)
assert named.content[0].text == text, named

word = text.split()[2]
stopped = client.messages.create(**ask, stop_sequences=[word], extra_body=steering)
assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", word), stopped
assert word not in stopped.content[0].text

counted = client.messages.count_tokens(model="costeer", messages=messages)
assert counted.input_tokens == whole.usage.input_tokens, counted

try:
    client.messages.create(**ask, extra_body={"costeer": {"profile": "nobody"}})
    raise AssertionError("an unknown profile was taken")
except anthropic.NotFoundError as error:
    assert error.body["error"]["type"] == "not_found_error", error.body

print("ok")
