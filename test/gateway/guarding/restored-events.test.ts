import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RestoredEvents } from '../../../src/gateway/guarding/restored-events.ts'
import { runWhole } from '../../../src/sliced-work.ts'
import { sampleGuard } from './sample-guard.ts'

const { guard, real, masked } = sampleGuard()

function frame(content: unknown): string {
  return `data: ${JSON.stringify(content)}\n\n`
}

function restored(frames: readonly string[]): Record<string, unknown>[] {
  const events = new RestoredEvents(guard)
  const told = frames.map((one) => runWhole(events.pushing(one))).join('') + events.flush()
  return [...told.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''))
}

/** A text in pieces of any size. */
const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 80 }).map((sizes) => {
  const parts: string[] = []
  for (let at = 0, index = 0; at < masked.length; index++) {
    const size = sizes[index % sizes.length] ?? 1
    parts.push(masked.slice(at, at + size))
    at += size
  }
  return parts
})

function chunk(delta: object, rest: object = {}) {
  return { object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null, ...rest }] }
}

describe('events of a server have the real values again', () => {
  test('in the pieces of a chat, before its end', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const frames = [
          ...parts.map((content) => frame(chunk({ content }))),
          frame(chunk({}, { finish_reason: 'stop' })),
          'data: [DONE]\n\n',
        ]
        const told = restored(frames) as {
          choices: { delta: { content?: string }; finish_reason: string | null }[]
        }[]
        expect(told.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(real)
        expect(told.at(-1)?.choices[0]?.finish_reason).toBe('stop')
        expect(told.slice(0, -1).every(({ choices }) => choices[0]?.finish_reason === null)).toBe(true)
      }),
    )
  })

  test('in the arguments of a call, as JSON', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (size) => {
        const text = JSON.stringify({ to: guard.mask('Noor Lindqvist'), at: guard.mask('the "old" mill') })
        const parts = text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? []
        const call = (part: string) => ({ tool_calls: [{ index: 0, function: { arguments: part } }] })
        const told = restored([...parts.map((part) => frame(chunk(call(part)))), 'data: [DONE]\n\n'])
        const spoken = JSON.stringify(told).length > 0 ? told : []
        const joined = spoken
          .map(
            (one) =>
              (one as { choices: { delta: ReturnType<typeof call> }[] }).choices[0]?.delta.tool_calls[0]
                ?.function.arguments,
          )
          .join('')
        expect(JSON.parse(joined)).toEqual({ to: 'Noor Lindqvist', at: 'the "old" mill' })
      }),
    )
  })

  test('in the arguments of a call of a response, as JSON', () => {
    const text = JSON.stringify({ at: guard.mask('the "old" mill') })
    const delta = (part: string) => ({
      type: 'response.function_call_arguments.delta',
      item_id: 'a',
      delta: part,
    })
    const frames = [...text].map((part) => frame(delta(part)))
    const done = frame({ type: 'response.function_call_arguments.done', item_id: 'a', arguments: text })
    const told = restored([...frames, done]) as { delta?: string; arguments?: string }[]
    expect(JSON.parse(told.map((event) => event.delta ?? '').join(''))).toEqual({ at: 'the "old" mill' })
    expect(JSON.parse(told.at(-1)?.arguments ?? '')).toEqual({ at: 'the "old" mill' })
  })

  test('in a response, whose last events repeat it whole', () => {
    const delta = (text: string) => ({
      type: 'response.output_text.delta',
      item_id: 'a',
      output_index: 0,
      delta: text,
    })
    const half = Math.ceil(masked.length / 2)
    const frames = [
      frame(delta(masked.slice(0, half))),
      frame(delta(masked.slice(half))),
      frame({ type: 'response.output_text.done', item_id: 'a', output_index: 0, text: masked }),
      frame({ type: 'response.completed', response: { output: [{ content: [{ text: masked }] }] } }),
    ]
    const told = restored(frames) as { type: string; delta?: string; text?: string }[]
    expect(told.map((event) => event.delta ?? '').join('')).toBe(real)
    expect(told.find(({ type }) => type.endsWith('done'))?.text).toBe(real)
    expect(JSON.stringify(told.at(-1))).toContain(JSON.stringify(real).slice(1, -1))
  })

  test('and every other byte as it came', () => {
    const events = new RestoredEvents(guard)
    const other = ': comment\n\nevent: ping\ndata: {"type": "ping"}\n\n'
    expect(runWhole(events.pushing(': comment\n\n')) + runWhole(events.pushing('data: [DONE]\n\n'))).toBe(
      ': comment\n\ndata: [DONE]\n\n',
    )
    expect(runWhole(events.pushing(other))).toContain('event: ping\n')
  })
})
