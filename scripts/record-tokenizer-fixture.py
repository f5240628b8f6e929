"""Records test/fixtures/tokenizers.json: three tiny tokenizers, trained here, with what Hugging Face's own libraries encode.

usage: record-tokenizer-fixture.py > test/fixtures/tokenizers.json        (needs: pip install transformers tokenizers)
"""
import json
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

CORPUS = [
    'The weather was mild that morning, and the gardener watered the roses before the sun rose over the wall.',
    "It's the user's text that we're writing; they'll see the words as they're written, don't you think?",
    'def answer(question):\n    for line in question.split("\\n"):\n        print(line, 42)\n    return None\n',
    'the and that with from this have been were will would there their what about which when\n\n  indented  text\n',
    'ein schöner Tag, größer als gestern; été, naïve café 你好世界 привет мир 😀😀 ٣٤ ①② 2026-11-22 1000000',
    'user assistant system You are a helpful assistant. You are a helpful assistant.\n',
] * 3

TEXTS = [
    'Hello world', '  leading and trailing  ', 'Tabs\tand\nnewlines\r\n\r\n mixed \n \n end', '1234567890 3.14159 2026-11-22',
    'café naïve straße cafe\u0301', '你好，世界！한국어', 'Привет, мир!', '👩‍👩‍👧‍👦 family 🇩🇪 🤷🏽‍♂️', 'def f(x):\n    return x**2  # squared\n\n\tpass',
    "I'm you're it's we'd they'LL DON'T ’quoted’", '     five spaces', '\n\n\n\nnewlines', 'a' * 60, '\u00a0nbsp\u2003em\u200bzw',
    'x²+y³ ≠ ½ ①② ٣٤٥', '__under__ -- ... !!! ???', 'end with space ', 'end with newline\n', '<tool> ordinary added </tool>', '> quote <tag |>',
    '\n', ' ', 'a',
]

CHATML = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
          "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
TRIMMED = ("{{ bos_token }}{% for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\\n\\n' ~ (m.content | trim) ~ '<|im_end|>' }}"
           "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n\\n' }}{% endif %}")

SYSTEM = {'role': 'system', 'content': 'You are a helpful assistant.'}
CHATS = [
    [SYSTEM, {'role': 'user', 'content': 'Hello world'}],
    [SYSTEM, {'role': 'user', 'content': '\n\n  def f(x):\n'}, {'role': 'assistant', 'content': ' ok\n'}, {'role': 'user', 'content': '> quote\n12'}],
    [{'role': 'system', 'content': '  padded \n'}, {'role': 'user', 'content': '<'}, {'role': 'assistant', 'content': ''}, {'role': 'user', 'content': '<tool>'}],
    [SYSTEM, {'role': 'user', 'content': '|>'}, {'role': 'assistant', 'content': '<|im_end|'}, {'role': 'user', 'content': 'im_end|>'}],
]

SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def byte_level(normalizer, pre_tokenizer):
    tokenizer = Tokenizer(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=420, show_progress=False, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    return tokenizer


def sentence_piece():
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token='<unk>', fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme='first', split=False)
    tokenizer.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.train_from_iterator(CORPUS[:3], trainers.BpeTrainer(vocab_size=420, show_progress=False, special_tokens=['<unk>', *(f'<0x{b:02X}>' for b in range(256))]))
    data = json.loads(tokenizer.to_str())
    data['added_tokens'] = [token for token in data['added_tokens'] if token['content'] == '<unk>']
    return Tokenizer.from_str(json.dumps(data))


def record(tokenizer, template):
    tokenizer.add_special_tokens([AddedToken(text, normalized=False) for text in ('<|endoftext|>', '<|im_start|>', '<|im_end|>')])
    tokenizer.add_tokens([AddedToken('<tool>', normalized=False)])
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token='<|endoftext|>', eos_token='<|im_end|>', chat_template=template)
    ids = lambda text: wrapped.encode(text, add_special_tokens=False)
    chat = lambda messages: wrapped.encode(wrapped.apply_chat_template(messages, tokenize=False, add_generation_prompt=True), add_special_tokens=False)
    return {'tokenizerJson': json.loads(tokenizer.to_str()), 'chatTemplate': template, 'texts': [[text, ids(text)] for text in TEXTS],
            'chats': [[messages, chat(messages)] for messages in CHATS]}


digits = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
words = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(SPLIT), 'isolated'), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
json.dump({'smollm': record(byte_level(None, digits), CHATML), 'qwen2': record(byte_level(normalizers.NFC(), words), CHATML),
           'sentencepiece': record(sentence_piece(), TRIMMED)}, sys.stdout, ensure_ascii=False, separators=(',', ':'))
