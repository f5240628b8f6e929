"""Ollama's official Python client against the gateway whose base URL is the first argument."""

import sys

import ollama

profile = {"x-costeer-profile": "noor-lindqvist", "x-costeer-strength": "1"}
host = sys.argv[1].removesuffix("/v1")
client = ollama.Client(host=host, headers=profile)
messages = [{"role": "user", "content": "Write a long letter to an old friend about your garden."}]
options = {"temperature": 0, "num_predict": 10}
ask = {"model": "costeer", "messages": messages, "options": options}

assert "costeer" in [model.model for model in client.list().models]

whole = client.chat(**ask)
text = whole.message.content
assert text and whole.done and whole.done_reason == "length" and whole.eval_count == 10, whole

plain = ollama.Client(host=host).chat(**ask)
assert plain.message.content != text

lines = list(client.chat(**ask, stream=True))
assert "".join(line.message.content for line in lines) == text
assert lines[-1].done and lines[-1].eval_count == 10, lines[-1]

generated = client.generate(model="costeer", prompt=messages[0]["content"], options=options)
assert generated.response == text, generated
raw = client.generate(model="costeer:latest", prompt="Once upon", raw=True, options=options)
assert raw.response and raw.done, raw

try:
    client.chat(model="costeer", messages=messages, format="json")
    raise AssertionError("a JSON schema was steered")
except ollama.ResponseError as error:
    assert error.status_code == 400 and "format" in error.error, error

print("ok")
