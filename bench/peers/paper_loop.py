"""The loop of CoSteer (arXiv 2507.04756, section 3.2) as the paper writes it: three forward passes for a token, and
T rounds over the whole vocabulary. Reads one JSON object from standard input and writes one; see paper-loop.ts."""

import json
import sys
import time
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM


class Stream:
    """A model behind a prompt, with its K/V cache."""

    def __init__(self, model, prompt):
        self.model = model
        output = model(input_ids=torch.tensor([prompt]), use_cache=True, logits_to_keep=1)
        self.cache, self.logits = output.past_key_values, output.logits[0, -1]

    def append(self, token):
        output = self.model(input_ids=torch.tensor([[token]]), past_key_values=self.cache, use_cache=True)
        self.cache, self.logits = output.past_key_values, output.logits[0, -1]

    def logprobs(self):
        return torch.log_softmax(self.logits, dim=-1)


def steered(base, delta, settings):
    player, utility = base, torch.zeros_like(base)
    rounds, alpha, beta = settings["iterations"], settings["alpha"], settings["beta"]
    weight, rate = settings["lambda"], settings["eta"]
    for t in range(1, rounds + 1):
        utility = utility + alpha * (player - base) + beta * delta
        player = torch.log_softmax((t * weight * base + utility + player / rate) / (t * weight + 1 / rate), dim=-1)
    return player


def answer(upstream, local, task):
    began = time.perf_counter()
    base = Stream(upstream, task["public"])
    private, public = Stream(local, task["with"]), Stream(local, task["without"])
    ids, times = [], []
    while True:
        player = steered(base.logprobs(), private.logprobs() - public.logprobs(), task["settings"])
        token = int(player.argmax())
        if token in task["endTokens"]:
            break
        ids.append(token)
        times.append(time.perf_counter())
        if len(ids) == task["maxTokens"]:
            break
        for stream in (base, private, public):
            stream.append(token)
    return {"ids": ids, "seconds": [at - began for at in times]}


def load(file):
    path = Path(file).resolve()
    return AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()


def main():
    torch.set_num_threads(int(sys.argv[1]))
    upstream = load(sys.argv[2])
    local = upstream if sys.argv[2] == sys.argv[3] else load(sys.argv[3])
    print("ready", flush=True)
    with torch.inference_mode():
        for line in sys.stdin:
            print(json.dumps(answer(upstream, local, json.loads(line))), flush=True)


main()
