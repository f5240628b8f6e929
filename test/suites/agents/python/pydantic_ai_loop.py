"""Pydantic AI, over chat and over responses."""

from openai import AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider
from weather_loop import BASE_URL, HEADERS, MAX_TOKENS, MODEL, QUESTION, ran, tell, weather_report

client = AsyncOpenAI(base_url=BASE_URL, api_key="none", max_retries=0)
settings = {"temperature": 0, "max_tokens": MAX_TOKENS, "extra_headers": HEADERS}
for name, model_class in [("chat", OpenAIChatModel), ("responses", OpenAIResponsesModel)]:
    model = model_class(MODEL, provider=OpenAIProvider(openai_client=client))
    agent = Agent(model, model_settings=settings)

    @agent.tool_plain
    def weather(city: str) -> str:
        """Tells the weather in a city."""
        return weather_report(city)

    ran(f"pydantic-ai, {name}", agent.run_sync(QUESTION).output)
tell()
