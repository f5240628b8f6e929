import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lanesOf } from '../../src/cli/trace/lanes.ts'
import { timelineSvg } from '../../src/cli/trace/timeline-svg.ts'
import { parseTrace } from '../../src/cli/trace/trace-recording.ts'
import { traceTimeline } from '../../src/cli/trace/trace-timeline.ts'
import { addTraceCommand } from '../../src/cli/trace.ts'
import type { TraceReport } from '../../src/gateway/tracing/trace-report.ts'
import { listening } from '../proxy/listening.ts'
import { end, type Step, text } from '../proxy/scripted-gateway.ts'

function named(id: number, shown: string) {
  return { id, text: shown }
}

/** Two tokens of one query, of which the second was guessed wrong, then one that was guessed right. */
const traces: TraceReport[] = [
  { local: { startMs: 0, endMs: 9 }, upstreamQuery: { startMs: 0, endMs: 12 }, draft: null },
  { local: { startMs: 12, endMs: 20 }, upstreamQuery: { startMs: 0, endMs: 18 }, draft: named(7, 'no') },
  {
    local: { startMs: 20, endMs: 24 },
    upstreamQuery: { startMs: 13, endMs: 22 },
    draft: named(2, '</text>&"\u0000'),
  },
].map((part, position) => ({
  ...part,
  position,
  token: named(position, position === 2 ? '</text>&"\u0000' : ` w${position}`),
  upstream: [{ ...named(1, 'up'), logprob: -0.5 }],
  steered: [{ ...named(2, 'st'), logprob: -0.1, delta: 1 }],
  unsteered: named(1, 'up'),
  shift: 0.25,
  emittedMs: part.local.endMs + 4,
}))

const script: Step[] = [
  { type: 'upstream-sent', atMs: 0, request: { method: 'POST', path: '/completion', body: '{}' } },
  ...traces.map((trace): Step => ({ type: 'token-traced', trace })),
  text('hello'),
  end(3),
]

describe('costeer trace', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'costeer-trace-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const run = async (...words: string[]) => {
    const printed = { out: '', err: '' }
    const program = new Command('costeer').exitOverride().configureOutput({
      writeOut: (line) => {
        printed.out += line
      },
      writeErr: (line) => {
        printed.err += line
      },
    })
    addTraceCommand(program)
    await program.parseAsync(['trace', ...words], { from: 'user' })
    return printed
  }

  test('asks a running gateway, and draws the same from what it printed as from what was streamed', async () => {
    const { url, gateway } = await listening({ script: { choices: [script] } })
    const drawn = join(folder, 'asked.svg')
    const { out } = await run(
      'Hello?',
      '--url',
      `${url}/v1`,
      '-n',
      '5',
      '--profile',
      'ann',
      '--json',
      '-o',
      drawn,
    )
    expect(gateway.requests[0]).toMatchObject({
      model: 'big',
      maxTokens: 5,
      trace: true,
      caller: { profile: 'ann' },
      prompt: { messages: [{ role: 'user', content: 'Hello?' }] },
    })
    expect(JSON.parse(out).requests).toEqual([{ atMs: 0, path: '/completion' }])

    await writeFile(join(folder, 'saved.json'), out)
    await run('--file', join(folder, 'saved.json'), '-o', join(folder, 'saved.svg'))
    const stream = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-costeer-trace': '1' },
      body: JSON.stringify({ model: 'big', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
    })
    await writeFile(join(folder, 'stream.txt'), await stream.text())
    await run('--file', join(folder, 'stream.txt'), '-o', join(folder, 'stream.svg'))
    const svg = await readFile(drawn, 'utf8')
    for (const name of ['saved.svg', 'stream.svg']) {
      expect(await readFile(join(folder, name), 'utf8')).toBe(svg)
    }
  })

  test('says what is wrong: no gateway, no steered token, no trace in the file, nothing to do', async () => {
    const { url } = await listening({ script: { choices: [[text('plain'), end(1)]] } })
    await expect(run('Hello?', '--url', url, '-o', join(folder, 'x.svg'))).rejects.toThrow('--profile')
    await expect(run('Hello?', '--url', 'http://127.0.0.1:9')).rejects.toThrow('costeer serve')
    await writeFile(join(folder, 'other.json'), '{"a": 1}')
    await expect(run('--file', join(folder, 'other.json'))).rejects.toThrow('holds no trace')
    await expect(run()).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test("passes on the gateway's own refusal", async () => {
    const { url } = await listening({
      script: { choices: [script] },
      server: { keys: [{ key: 'secret-key', admin: false }] },
    })
    await expect(run('Hello?', '--url', url)).rejects.toThrow(/HTTP 401/)
  })
})

describe('the timeline of a trace', () => {
  const tokens = traces.map((trace) => ({ type: 'token-trace', choice: 0, ...trace }))
  const requests = [{ atMs: 0, path: '/completion' }]
  const timeline = traceTimeline(parseTrace(JSON.stringify({ tokens, requests }), 'the test'))

  test('puts the answers of one query into one span and tells right guesses from wrong ones', () => {
    expect(timeline.upstream.map(({ startMs, endMs, tokens }) => [startMs, endMs, tokens.length])).toEqual([
      [0, 18, 2],
      [13, 22, 1],
    ])
    expect(timeline.local).toHaveLength(3)
    expect(timeline.tokens.map(({ outcome }) => outcome)).toEqual(['none', 'rejected', 'accepted'])
    expect(timeline).toMatchObject({ accepted: 1, rejected: 1, requests: 1, endMs: 28 })
  })

  test('becomes an SVG in which token text stays text', () => {
    const svg = timelineSvg(timeline)
    expect(svg).not.toContain('</text>&')
    expect(svg).toContain('&#60;/text&#62;&#38;&#34;\ufffd')
    const opened = [...svg.matchAll(/<(\w+)[^<>]*[^/<>]>|<(\w+)>/g)].length
    const closed = [...svg.matchAll(/<\/\w+>/g)].length
    expect(opened).toBe(closed)
  })

  test('uses a lane for each of the extents that overlap, and no more than the most at once', () => {
    const extents = fc.array(
      fc.record({ from: fc.integer({ min: 0, max: 30 }), length: fc.integer({ min: 1, max: 10 }) }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(extents, (drawn) => {
        const sorted = drawn
          .map(({ from, length }) => ({ from, to: from + length }))
          .sort((a, b) => a.from - b.from)
        const lanes = lanesOf(sorted)
        for (const [i, a] of sorted.entries()) {
          for (const [j, b] of sorted.entries()) {
            if (i < j && lanes[i] === lanes[j]) expect(b.from).toBeGreaterThanOrEqual(a.to)
          }
        }
        const most = Math.max(
          0,
          ...sorted.map(({ from }) => sorted.filter((other) => other.from <= from && from < other.to).length),
        )
        expect(new Set(lanes).size).toBe(most)
      }),
    )
  })
})
