"""An agent of smolagents. It insists on calls, also for its answer, so that the server answers by itself."""

from smolagents import OpenAIModel, ToolCallingAgent, tool
from weather_loop import BASE_URL, HEADERS, MAX_TOKENS, MODEL, QUESTION, ran, tell, weather_report


@tool
def weather(city: str) -> str:
    """Tells the weather in a city.

    Args:
        city: The city.
    """
    return weather_report(city)


model = OpenAIModel(
    model_id=MODEL,
    api_base=BASE_URL,
    api_key="none",
    client_kwargs={"default_headers": HEADERS, "max_retries": 0},
    temperature=0,
    max_tokens=MAX_TOKENS,
)
agent = ToolCallingAgent(tools=[weather], model=model, max_steps=4, verbosity_level=0)
ran("smolagents", str(agent.run(QUESTION)))
tell()
