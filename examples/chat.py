"""Streams one question answered without and with a profile. Needs `pip install openai` and a running gateway."""
import sys

from openai import OpenAI

client = OpenAI(base_url=sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8787/v1", api_key="none")
for profile in ["none", "hamish-baird", "delphine-fontenot"]:
    print(f"--- {profile}")
    stream = client.chat.completions.create(
        model="costeer",
        messages=[{"role": "user", "content": "Write a short invitation to dinner on Friday for my neighbour."}],
        temperature=0,
        frequency_penalty=0.3,
        max_tokens=80,
        stream=True,
        extra_headers={"x-costeer-profile": profile},
    )
    for chunk in stream:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()
