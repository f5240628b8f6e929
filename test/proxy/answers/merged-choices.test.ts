import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/gateway/answer.ts'
import {
  type ChoiceEvent,
  type MergedChoices,
  mergedChoices,
} from '../../../src/proxy/answers/merged-choices.ts'
import { end, type Step, scriptedGateway, text } from '../app-under-test/scripted-gateway.ts'

const never = new AbortController().signal

async function* delayed(words: readonly { word: string; ticks: number }[]): AsyncGenerator<AnswerEvent> {
  for (const { word, ticks } of words) {
    for (let i = 0; i < ticks; i++) await Promise.resolve()
    yield text(word)
  }
}

async function all(events: MergedChoices): Promise<ChoiceEvent[]> {
  const seen: ChoiceEvent[] = []
  for (let next = await events.next(); next !== null; next = await events.next()) seen.push(next)
  events.close()
  return seen
}

async function playing(choices: readonly (readonly Step[])[], signal: AbortSignal = never) {
  const gateway = scriptedGateway({ choices })
  const prepared = await gateway.prepare({
    model: 'big',
    prompt: { type: 'chat', messages: [] },
    sampling: { temperature: 0, topP: 1, topK: 0 },
    stop: [],
    choices: choices.length,
    caller: {},
    overrides: {},
    trace: false,
    signal,
  })
  return { gateway, events: mergedChoices(prepared.choices, signal) }
}

describe('the events of several choices', () => {
  test('all come out, each choice in its own order', async () => {
    const words = fc.array(fc.record({ word: fc.string(), ticks: fc.nat(5) }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.array(words, { minLength: 1, maxLength: 5 }), async (choices) => {
        const seen = await all(mergedChoices(choices.map(delayed), never))
        for (const [index, expected] of choices.entries()) {
          const own = seen.filter(({ choice }) => choice === index).map(({ event }) => event)
          expect(own).toEqual(expected.map(({ word }) => text(word)))
        }
      }),
    )
  })

  test('are computed at most one ahead of the reader', async () => {
    const { gateway, events } = await playing([[text('a'), text('b'), text('c'), text('d'), end(4)]])
    expect(gateway.pulled()).toBe(0)
    await events.next()
    await new Promise((resolve) => setImmediate(resolve))
    expect(gateway.pulled()).toBe(2)
  })

  test('stop when the reader closes them', async () => {
    const { gateway, events } = await playing([
      [text('a'), text('b')],
      [text('c'), text('d')],
    ])
    await events.next()
    events.close()
    await new Promise((resolve) => setImmediate(resolve))
    expect(gateway.ended()).toBe(2)
  })

  test('end at once when the signal aborts, even if a choice ignores it', async () => {
    const controller = new AbortController()
    const { events } = await playing([[{ type: 'deaf' }]], controller.signal)
    const next = events.next()
    const reason = new Error('gone')
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
    await expect(events.next()).rejects.toBe(reason)
  })

  test('come before the failure of another choice that was seen later', async () => {
    const error = new Error('broken')
    const { events } = await playing([[text('a'), end(1)], [{ type: 'fail', error }]])
    expect((await events.next())?.event).toEqual(text('a'))
    await expect(all(events)).rejects.toBe(error)
  })
})
