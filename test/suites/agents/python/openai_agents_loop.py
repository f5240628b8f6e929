"""OpenAI's agents, over chat and over responses."""

import asyncio

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
from weather_loop import BASE_URL, HEADERS, MAX_TOKENS, MODEL, QUESTION, ran, tell, weather_report

set_tracing_disabled(True)


@function_tool
def weather(city: str) -> str:
    """Tells the weather in a city."""
    return weather_report(city)


async def main() -> None:
    client = AsyncOpenAI(base_url=BASE_URL, api_key="none", max_retries=0, default_headers=HEADERS)
    models = [("chat", OpenAIChatCompletionsModel), ("responses", OpenAIResponsesModel)]
    for name, model_class in models:
        agent = Agent(
            name="Ann",
            model=model_class(MODEL, client),
            model_settings=ModelSettings(temperature=0, max_tokens=MAX_TOKENS),
            tools=[weather],
        )
        ran(f"openai-agents, {name}", (await Runner.run(agent, QUESTION, max_turns=3)).final_output)
        streamed = Runner.run_streamed(agent, QUESTION, max_turns=3)
        async for _ in streamed.stream_events():
            pass
        ran(f"openai-agents, {name}, streamed", streamed.final_output)


asyncio.run(main())
tell()
