import { gzipSync } from 'node:zlib'

/** A request that is meant to hold others up. */
export interface HostileBody {
  readonly name: string
  /** Below /v1. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Made when it is needed: all together take some hundred megabytes. */
  readonly bytes: () => Buffer
}

/** Texts of about `size` bytes in JSON that cost tokenizers, templates, searches or patterns the most. */
const texts: Readonly<Record<string, (size: number) => string>> = {
  blanks: (size) => ' '.repeat(size),
  tabs: (size) => '\t'.repeat(size / 2),
  newlines: (size) => '\n'.repeat(size / 2),
  'equals signs': (size) => '='.repeat(size),
  dashes: (size) => '-'.repeat(size),
  'one endless word': (size) => 'a'.repeat(size),
  digits: (size) => '1234567890'.repeat(size / 10),
  'blanks and newlines in turn': (size) => ' \n'.repeat(size / 3),
  'words of one letter': (size) => 'a '.repeat(size / 2),
  'words that differ': (size) => Array.from({ length: size / 8 }, (_, at) => `w${at.toString(36)}`).join(' '),
  'control tokens spelled': (size) => '<|im_start|>'.repeat(size / 12),
  'halves of control tokens': (size) => '<|im_'.repeat(size / 5),
  'tags of thoughts and calls': (size) => '<think><tool_call>'.repeat(size / 18),
  'template syntax': (size) => '{{ x }}{% if %}'.repeat(size / 15),
  emoji: (size) => '👩‍👩‍👧‍👦'.repeat(size / 25),
  'combining marks': (size) => `e${'\u0301'.repeat(size / 2)}`,
  'Chinese without a space': (size) => '的一是不了人我在有他'.repeat(size / 30),
  'a right-to-left script': (size) => 'שלום'.repeat(size / 8),
  'lone surrogates': (size) => '\ud800'.repeat(size / 6),
  'NUL characters': (size) => '\0'.repeat(size / 6),
  backslashes: (size) => '\\'.repeat(size / 2),
  quotes: (size) => '"'.repeat(size / 2),
  apostrophes: (size) => "'s".repeat(size / 2),
}

/** Texts that cost a guard the most: in them stand values, or what looks like some. */
const guardedTexts: Readonly<Record<string, (size: number) => string>> = {
  'one endless word': (size) => 'a'.repeat(size),
  digits: (size) => '1234567890'.repeat(size / 10),
  'Chinese without a space': (size) => '的一是不了人我在有他'.repeat(size / 30),
  'lines of prose': (size) => 'He keeps a blind dog and a small boat.\n'.repeat(size / 40),
  'declared values': (size) => 'In Stromness, or on the Whimbrel. '.repeat(size / 34),
  'one address of e-mail': (size) => 'bosun@orkney.example.org '.repeat(size / 25),
  'addresses of e-mail': (size) => numbered(size / 26, (at) => `h${at}@orkney${at}.example.org`),
  'telephone numbers': (size) => numbered(size / 16, (at) => `+44 20 7946 ${at % 10_000}`),
  IBANs: (size) => numbered(size / 23, germanIban),
  'a list of contacts': (size) =>
    numbered(size / 50, (at) => `Ann${at};ann${at}@orkney.example;+4420${7e7 + at}\n`),
  'JSON in JSON': (size) => JSON.stringify({ a: JSON.stringify(many({ b: 'Orkney' }, size / 24)) }),
  brackets: (size) => '[Ab '.repeat(size / 4),
  tags: (size) => '<a'.repeat(size / 2),
  'escapes of HTML': (size) => '&amp;'.repeat(size / 5),
  'escapes of escapes': (size) => '%26'.repeat(size / 3),
}

function numbered(count: number, write: (at: number) => string): string {
  return Array.from({ length: Math.floor(count) }, (_, at) => write(at)).join(' ')
}

/** With its checksum. */
function germanIban(at: number): string {
  const account = String(370_400_440_532_013_000n + BigInt(at))
  const checksum = 98n - (BigInt(`${account}131400`) % 97n)
  return `DE${String(checksum).padStart(2, '0')}${account}`
}

function message(content: string) {
  return { model: 'costeer', max_tokens: 1, messages: [{ role: 'user', content }] }
}

/** The same for a caller with private values: in a chat that fits the window, and in what is passed on. */
export function hostileToGuards(size: number): HostileBody[] {
  return [
    ...Object.entries(guardedTexts).flatMap(([name, text]) => [
      json(`${name} in what is passed on`, 'embeddings', () => ({ model: 'costeer', input: text(size) })),
      json(`${name} in a message`, 'chat/completions', () => message(text(size))),
      json(`${name} in a message that is not steered`, 'chat/completions', () => ({
        ...message(text(size)),
        costeer: { strength: 0 },
      })),
    ]),
    json('many lines that are passed on', 'embeddings', () => ({
      model: 'costeer',
      input: many('In Orkney.', size / 13),
    })),
    json('numbers that are passed on', 'embeddings', () => ({
      model: 'costeer',
      values: many(1234567, size / 8),
    })),
    json('2,000 messages', 'chat/completions', () => ({
      model: 'costeer',
      max_tokens: 1,
      messages: Array.from({ length: 2000 }, (_, at) => ({
        role: at % 2 === 0 ? 'user' : 'assistant',
        content: 'In Orkney. '.repeat(size / 24_000),
      })),
    })),
  ]
}

/** Bodies of up to `limit` bytes. */
export function hostileBodies(limit: number): HostileBody[] {
  /** The rest is for what is around the text. */
  const size = limit - 1024
  return [
    ...Object.entries(texts).flatMap(([name, text]) => [
      json(`${name} in a message`, 'chat/completions', () => message(text(size))),
      json(`${name} in a prompt`, 'completions', () => ({
        model: 'costeer',
        max_tokens: 1,
        prompt: text(size),
      })),
    ]),
    json('blanks in an input', 'responses', () => ({ model: 'costeer', input: ' '.repeat(size) })),
    ...[1_000, 20_000, 60_000].map((count) =>
      json(`${count} messages`, 'chat/completions', () => ({
        model: 'costeer',
        messages: Array.from({ length: count }, (_, at) => ({
          role: at % 2 === 0 ? 'user' : 'assistant',
          content: 'x',
        })),
      })),
    ),
    json('messages of one role', 'chat/completions', () => ({
      model: 'costeer',
      messages: Array.from({ length: 10_000 }, () => ({ role: 'system', content: 'x' })),
    })),
    json('content parts', 'chat/completions', () => ({
      model: 'costeer',
      messages: [{ role: 'user', content: many({ type: 'text', text: 'x' }, size / 30) }],
    })),
    json('empty arrays', 'chat/completions', () => ({ ...message('x'), unknown: many([], size / 3) })),
    json('numbers', 'chat/completions', () => ({ ...message('x'), unknown: many(1, size / 2) })),
    json('tokens of a prompt', 'completions', () => ({ model: 'costeer', prompt: many(1, size / 2) })),
    json('prompts', 'completions', () => ({ model: 'costeer', prompt: many('x', size / 4) })),
    json('fields', 'chat/completions', () => ({
      ...message('x'),
      ...Object.fromEntries(Array.from({ length: size / 12 }, (_, at) => [`f${at}`, 1])),
    })),
    json('biases', 'chat/completions', () => ({
      ...message('x'),
      logit_bias: Object.fromEntries(Array.from({ length: size / 12 }, (_, at) => [String(at), 1])),
    })),
    json('stop strings', 'chat/completions', () => ({ ...message('x'), stop: many('stop', size / 7) })),
    json('one long stop string', 'chat/completions', () => ({
      ...message('x'),
      stop: 'ab'.repeat(size / 2),
    })),
    json('tools', 'chat/completions', () => ({
      ...message('x'),
      tools: many({ type: 'function', function: { name: 'f', parameters: {} } }, size / 64),
    })),
    json('a long model name', 'chat/completions', () => ({ ...message('x'), model: 'm'.repeat(size) })),
    json('a long profile id', 'chat/completions', () => ({
      ...message('x'),
      costeer: { profile: 'p'.repeat(size) },
    })),
    json('a profile in the body', 'chat/completions', () => ({
      ...message('x'),
      costeer: { profile: { facts: many('x', size / 4) } },
    })),
    json('text behind an opened answer', 'chat/completions', () => ({
      model: 'costeer',
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: ' '.repeat(size) },
      ],
    })),
    raw('nested arrays', () => `{"model":"costeer","messages":${'['.repeat(size)}`),
    raw('nested objects', () => `{"a":`.repeat(size / 5)),
    raw('no JSON', () => '\\"'.repeat(size / 2)),
    raw('a string that does not end', () => `{"model":"${'\\\\'.repeat(size / 2)}`),
    raw('escapes', () => JSON.stringify(message('')).replace('""', `"${'\\u0020'.repeat(size / 6)}"`)),
    {
      ...raw('a compressed body that grows', () => ''),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      bytes: () => gzipSync(JSON.stringify(message(' '.repeat(limit * 64)))),
    },
  ]
}

function many<Item>(item: Item, count: number): Item[] {
  return new Array<Item>(Math.floor(count)).fill(item)
}

function json(name: string, path: string, body: () => object): HostileBody {
  return { ...raw(name, () => JSON.stringify(body())), path }
}

function raw(name: string, text: () => string): HostileBody {
  return {
    name,
    path: 'chat/completions',
    headers: { 'content-type': 'application/json' },
    bytes: () => Buffer.from(text()),
  }
}
