"""OpenAI's agents against the gateway whose base URL is the first argument."""

import asyncio
import sys

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI

set_tracing_disabled(True)
question = "Say hello in three words."


@function_tool
def weather(city: str) -> str:
    """The weather in a city."""
    raise AssertionError("the embedded model calls no tools")


def agent_of(model_class, profile):
    client = AsyncOpenAI(
        base_url=sys.argv[1],
        api_key="x",
        max_retries=0,
        default_headers={"x-costeer-profile": profile, "x-costeer-strength": "0.4"},
    )
    settings = ModelSettings(temperature=0, max_tokens=200)
    return Agent(
        name="Ann",
        instructions="Be brief.",
        model=model_class("costeer", client),
        model_settings=settings,
        tools=[weather],
    )


async def two_turns(model_class) -> str:
    agent = agent_of(model_class, "hamish-baird")
    first = await Runner.run(agent, question)
    assert first.final_output, first
    following = first.to_input_list() + [{"role": "user", "content": "Say goodbye in two words."}]
    second = await Runner.run(agent, following)
    assert second.final_output, second
    streamed = Runner.run_streamed(agent, question)
    async for _ in streamed.stream_events():
        pass
    assert streamed.final_output == first.final_output, streamed
    plain = await Runner.run(agent_of(model_class, "none"), question)
    assert plain.final_output != first.final_output, plain
    return first.final_output


async def main() -> None:
    assert await two_turns(OpenAIChatCompletionsModel) == await two_turns(OpenAIResponsesModel)


asyncio.run(main())
print("ok")
