"""Records test/fixtures/dequantise.json: two random blocks of each GGUF tensor type and what the `gguf` package reads.

usage: record-dequantise-fixture.py > test/fixtures/dequantise.json        (needs: pip install gguf numpy)
"""
import base64
import json

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize

# Byte offsets of the half-precision fields, which random bytes must not turn into infinities.
HALVES = {'Q8_0': [0], 'Q4_0': [0], 'Q4_1': [0, 2], 'Q5_0': [0], 'Q5_1': [0, 2], 'Q4_K': [0, 2], 'Q5_K': [0, 2], 'Q6_K': [208],
          'Q2_K': [80, 82], 'Q3_K': [108], 'IQ4_NL': [0], 'IQ4_XS': [0], 'MXFP4': []}

random = np.random.default_rng(7)
encode = lambda array: base64.b64encode(array.tobytes()).decode()
recorded = {}
for name in ['F32', 'F16', 'BF16', *HALVES]:
    kind = GGMLQuantizationType[name]
    values, size = GGML_QUANT_SIZES[kind]
    if name in HALVES:
        raw = random.integers(0, 256, (2, size), dtype=np.uint8)
        for offset in HALVES[name]:
            raw[:, offset:offset + 2] = random.normal(0, 0.1, (2, 1)).astype(np.float16).view(np.uint8)
        if name == 'MXFP4':
            raw[:, 0] = [118, 125]
        raw = raw.reshape(-1)
    else:
        numbers = np.concatenate([random.normal(0, 1, 29), [0.0, -0.0, 6e-6]]).astype(np.float32)
        raw = {'F32': numbers, 'F16': numbers.astype(np.float16), 'BF16': (numbers.view(np.uint32) >> 16).astype(np.uint16)}[name].view(np.uint8)
    recorded[name] = {'type': int(kind), 'raw': encode(raw), 'values': encode(dequantize(raw, kind).astype('<f4'))}
print(json.dumps(recorded, indent=1))
