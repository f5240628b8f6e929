"""Pydantic AI against the gateway whose base URL is the first argument."""

import asyncio
import sys

from openai import AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

question = "Write one sentence about your weekend."


def weather(city: str) -> str:
    """The weather in a city."""
    raise AssertionError("the embedded model calls no tools")


async def main() -> None:
    client = AsyncOpenAI(base_url=sys.argv[1], api_key="x", max_retries=0)
    provider = OpenAIProvider(openai_client=client)
    headers = {"x-costeer-profile": "noor-lindqvist", "x-costeer-strength": "1"}
    settings = {"temperature": 0, "max_tokens": 10}
    texts = []
    for model_class in (OpenAIChatModel, OpenAIResponsesModel):
        agent = Agent(
            model_class("costeer", provider=provider),
            instructions="Be brief.",
            model_settings=settings,
            tools=[weather],
        )
        steered = {"extra_headers": headers}
        first = await agent.run(question, model_settings=steered)
        assert first.output and first.usage.output_tokens == 10, first
        second = await agent.run("And Monday?", message_history=first.all_messages(), model_settings=steered)
        assert second.output, second
        async with agent.run_stream(question, model_settings=steered) as streamed:
            assert await streamed.get_output() == first.output
        plain = await agent.run(question)
        assert plain.output != first.output, plain
        texts.append(first.output)
    assert texts[0] == texts[1], texts


asyncio.run(main())
print("ok")
