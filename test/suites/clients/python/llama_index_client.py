"""LlamaIndex against the gateway whose base URL is the first argument."""

import asyncio
import sys

from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike

fields = {
    "model": "costeer",
    "api_base": sys.argv[1],
    "api_key": "x",
    "temperature": 0.0,
    "max_tokens": 10,
    "max_retries": 0,
    "context_window": 2048,
    "additional_kwargs": {"extra_body": {"costeer": {"profile": "noor-lindqvist", "strength": 1.0}}},
}
messages = [ChatMessage(role="user", content="Write one sentence about your weekend.")]

chat = OpenAILike(**fields, is_chat_model=True)
answer = chat.chat(messages).message.content
assert answer
assert "".join(part.delta or "" for part in chat.stream_chat(messages)) == answer
assert asyncio.run(chat.achat(messages)).message.content == answer

completion = OpenAILike(**fields, is_chat_model=False)
text = completion.complete("My weekend").text
assert text
assert "".join(part.delta or "" for part in completion.stream_complete("My weekend")) == text
print("ok")
