"""Writes tiny random models as folders of the hub, and what transformers computes from them.

Called by hub-folders.families.ts with a file {"folder", "tokens", "positions"}. For each model below it
leaves the folder NAME as `save_pretrained` writes it, with NAME.json beside it: after each position the 20
likeliest ids and their log-probabilities, computed in float32 from the weights as they are stored.
"""

import json
import os
import sys

import torch
import transformers as hf

BASE = dict(
    vocab_size=301,
    hidden_size=64,
    intermediate_size=96,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=400,
    rms_norm_eps=1e-5,
    bos_token_id=256,
    eos_token_id=256,
    pad_token_id=256,
)
DEFAULT = {"rope_type": "default", "rope_theta": 10000.0}
YARN = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 100}
VISION = dict(hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14)


def long_rope(**own):
    factors = {"short_factor": [1 + i / 10 for i in range(6)], "long_factor": [1.0 + 2 * i for i in range(6)]}
    return {"rope_type": "longrope", "rope_theta": 10000.0, "partial_rotary_factor": 0.75, **factors, **own}


def text(config, **own):
    return lambda: config(**{**BASE, **own})


def gemma3_with_eyes():
    decoder = dict(model_type="gemma3_text", query_pre_attn_scalar=16, sliding_window=40, head_dim=16)
    return hf.Gemma3Config(
        text_config={**BASE, **decoder, "num_hidden_layers": 7},
        vision_config={**VISION, "model_type": "siglip_vision_model"},
        mm_tokens_per_image=4,
        image_token_index=300,
        boi_token_index=299,
        eoi_token_index=298,
    )


GRANITE = dict(
    embedding_multiplier=12.0,
    residual_multiplier=0.22,
    attention_multiplier=0.15625,
    logits_scaling=1.5,
)
MINISTRAL = {
    "rope_type": "yarn",
    "rope_theta": 1e6,
    "factor": 16.0,
    "original_max_position_embeddings": 256,
    "beta_fast": 32.0,
    "beta_slow": 1.0,
    "mscale": 1.0,
    "mscale_all_dim": 1.0,
    "llama_4_scaling_beta": 0.1,
}


def mistral3_with_eyes():
    decoder = dict(model_type="ministral3", head_dim=32, rope_parameters=dict(MINISTRAL), tie_word_embeddings=True)
    return hf.Mistral3Config(
        text_config={**BASE, **decoder},
        vision_config={**VISION, "model_type": "pixtral"},
        image_token_index=300,
        tie_word_embeddings=True,
    )


# Name: what makes its configuration, the type of its weights, and the largest part in kilobytes
MODELS = {
    "llama": (text(hf.LlamaConfig, head_dim=32, tie_word_embeddings=False, rope_parameters=DEFAULT), "float32", None),
    "llama3-parts": (
        text(
            hf.LlamaConfig,
            attention_bias=True,
            mlp_bias=True,
            tie_word_embeddings=True,
            rope_parameters={
                "rope_type": "llama3",
                "rope_theta": 500000.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 128,
            },
        ),
        "bfloat16",
        60,
    ),
    "llama-linear": (
        text(hf.LlamaConfig, rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}),
        "float16",
        None,
    ),
    "mistral-window": (text(hf.MistralConfig, sliding_window=72, rope_parameters=DEFAULT), "bfloat16", None),
    "qwen2": (text(hf.Qwen2Config, num_key_value_heads=1, tie_word_embeddings=True), "bfloat16", None),
    "qwen2-window": (
        text(hf.Qwen2Config, use_sliding_window=True, sliding_window=40, max_window_layers=1),
        "float32",
        None,
    ),
    "qwen3-yarn": (text(hf.Qwen3Config, head_dim=32, rope_parameters=YARN, tie_word_embeddings=True), "bfloat16", None),
    "gemma3": (
        text(
            hf.Gemma3TextConfig,
            num_hidden_layers=7,
            head_dim=32,
            sliding_window=72,
            query_pre_attn_scalar=24,
            final_logit_softcapping=6.0,
            rope_parameters={
                "full_attention": {"rope_type": "linear", "rope_theta": 1e6, "factor": 8.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 5000.0},
            },
        ),
        "bfloat16",
        None,
    ),
    "gemma3-with-eyes": (gemma3_with_eyes, "bfloat16", None),
    "granite": (
        text(
            hf.GraniteConfig,
            **GRANITE,
        ),
        "bfloat16",
        None,
    ),
    "granite4": (
        text(
            hf.GraniteMoeHybridConfig,
            **GRANITE,
            num_local_experts=0,
            shared_intermediate_size=96,
            layer_types=["full_attention"] * 2,
            position_embedding_type="rope",
            tie_word_embeddings=True,
            mamba_n_heads=8,
        ),
        "bfloat16",
        None,
    ),
    "granite4-without-positions": (
        text(
            hf.GraniteMoeHybridConfig,
            num_local_experts=0,
            attention_multiplier=0.25,
            shared_intermediate_size=64,
            layer_types=["full_attention"] * 2,
            mamba_n_heads=8,
        ),
        "bfloat16",
        None,
    ),
    "smollm3": (text(hf.SmolLM3Config, num_hidden_layers=5, num_key_value_heads=1), "bfloat16", None),
    "ministral3": (text(hf.Ministral3Config, head_dim=32, rope_parameters=MINISTRAL), "bfloat16", None),
    "mistral3-with-eyes": (mistral3_with_eyes, "bfloat16", None),
    "phi3-long": (
        text(hf.Phi3Config, original_max_position_embeddings=100, rope_parameters=long_rope()),
        "bfloat16",
        None,
    ),
    "phi3-short": (
        text(hf.Phi3Config, original_max_position_embeddings=400, rope_parameters=long_rope()),
        "bfloat16",
        None,
    ),
    "phi3-window": (text(hf.Phi3Config, sliding_window=72), "bfloat16", None),
    "olmo2": (text(hf.Olmo2Config, tie_word_embeddings=False), "bfloat16", None),
    "olmo3": (
        text(
            hf.Olmo3Config,
            num_hidden_layers=5,
            num_key_value_heads=4,
            sliding_window=72,
            rope_parameters={"full_attention": YARN, "sliding_attention": DEFAULT},
        ),
        "bfloat16",
        None,
    ),
}


def fill(model):
    """Weights of a size that keeps activations and attention lively."""
    about_zero = "gemma3" in model.config.model_type
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.rand(parameter.shape, generator=generator) * 2 - 1
            if "norm" in name:
                parameter.copy_(noise * 0.3 + (0 if about_zero else 1))
            else:
                parameter.copy_(noise * (0.5 if name.endswith("bias") else 0.3))


def write(folder, name, tokens, positions):
    make, dtype, part_kilobytes = MODELS[name]
    config = make()
    kind = hf.AutoModelForImageTextToText if "eyes" in name else hf.AutoModelForCausalLM
    model = kind.from_config(config)
    fill(model)
    model.to(getattr(torch, dtype))
    path = os.path.join(folder, name)
    model.save_pretrained(path, **({"max_shard_size": f"{part_kilobytes}KB"} if part_kilobytes else {}))
    # Read back, since frequencies are to be in float32 whatever the weights are
    model = kind.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([tokens])).logits[0].double()
    rows = []
    for position in positions:
        best = torch.log_softmax(logits[position], dim=-1).topk(20)
        rows.append([best.indices.tolist(), best.values.tolist()])
    with open(path + ".json", "w") as file:
        json.dump({"build": f"transformers {hf.__version__}", "rows": rows}, file)


def main():
    with open(sys.argv[1]) as file:
        wanted = json.load(file)
    for name in MODELS:
        write(wanted["folder"], name, wanted["tokens"], wanted["positions"])


main()
