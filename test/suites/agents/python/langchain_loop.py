"""An agent of LangChain."""

from langchain.agents import create_agent
from langchain_openai import ChatOpenAI
from weather_loop import BASE_URL, HEADERS, MAX_TOKENS, MODEL, QUESTION, ran, tell, weather_report


def weather(city: str) -> str:
    """Tells the weather in a city."""
    return weather_report(city)


model = ChatOpenAI(
    model=MODEL,
    base_url=BASE_URL,
    api_key="none",
    max_retries=0,
    temperature=0,
    max_tokens=MAX_TOKENS,
    default_headers=HEADERS,
)
agent = create_agent(model, tools=[weather])
question = {"messages": [{"role": "user", "content": QUESTION}]}
ran("LangChain, create_agent", agent.invoke(question)["messages"][-1].text)
for state in agent.stream(question, stream_mode="values"):
    last = state["messages"][-1]
ran("LangChain, create_agent, streamed", last.text)
tell()
