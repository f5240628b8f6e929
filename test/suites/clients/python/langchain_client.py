"""LangChain against the gateway whose base URL is the first argument."""

import asyncio
import sys

from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI, OpenAI

base_url = sys.argv[1]
steering = {"costeer": {"profile": "noor-lindqvist", "strength": 1.0}}
fields = {
    "model": "costeer",
    "base_url": base_url,
    "api_key": "x",
    "temperature": 0,
    "max_tokens": 10,
    "max_retries": 0,
    "extra_body": steering,
}
messages = [SystemMessage("Be brief."), HumanMessage("Write one sentence about your weekend.")]

model = ChatOpenAI(**fields, stream_usage=True)
answer = model.invoke(messages)
assert answer.content and answer.usage_metadata["output_tokens"] == 10, answer
chunks = list(model.stream(messages))
assert "".join(chunk.content for chunk in chunks) == answer.content
assert sum((chunk.usage_metadata or {}).get("output_tokens", 0) for chunk in chunks) == 10
assert asyncio.run(model.ainvoke(messages)).content == answer.content
assert [reply.content for reply in model.batch([messages, messages])] == [answer.content] * 2

responses = ChatOpenAI(**fields, use_responses_api=True)
assert responses.invoke(messages).text == answer.content
assert "".join(chunk.text for chunk in responses.stream(messages)) == answer.content

completion = OpenAI(**fields)
texts = [generation[0].text for generation in completion.generate(["My weekend", "Once upon"]).generations]
assert len(texts) == 2 and all(texts), texts
assert "".join(completion.stream("My weekend")) == texts[0]
print("ok")
