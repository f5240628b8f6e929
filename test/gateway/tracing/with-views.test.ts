import { describe, expect, test } from 'vitest'
import type { AnswerEvent } from '../../../src/gateway/answer.ts'
import { withViews } from '../../../src/gateway/tracing/with-views.ts'
import { sampleGuard } from '../guarding/sample-guard.ts'

function asking(content: string) {
  return { type: 'chat' as const, messages: [{ role: 'user' as const, content }] }
}
const prompt = asking('Who is Noor?')

async function* events(text: string): AsyncGenerator<AnswerEvent> {
  yield { type: 'text-delta', text: text.slice(0, 3), tokens: [] }
  yield { type: 'text-delta', text: text.slice(3), tokens: [] }
  yield { type: 'answer-end', finishReason: 'stop', completionTokens: 2 }
}

async function viewsOf(text: string, { hasGuard = true } = {}) {
  const { guard } = sampleGuard()
  const masked = asking(guard.mask('Who is Noor?'))
  const guarded = hasGuard ? { guard, masked, answer: { text: guard.mask(text) } } : null
  const told: AnswerEvent[] = []
  const viewed = { prompt, guarded, counters: { leakBits: 1.5 } }
  for await (const event of withViews(events(text), viewed)) told.push(event)
  expect(told.map(({ type }) => type)).toEqual(['text-delta', 'text-delta', 'answer-views', 'answer-end'])
  const [views] = told.flatMap((event) => (event.type === 'answer-views' ? [event.views] : []))
  return { views, guard }
}

describe('both views of an answer, told before its end', () => {
  test('have aliases in question and answer as the upstream read them, and name the values that stand there', async () => {
    const { views, guard } = await viewsOf('Noor lives here.')
    expect(views).toEqual({
      leakBits: 1.5,
      question: guard.mask('Who is Noor?'),
      answer: guard.mask('Noor lives here.'),
      aliases: [{ kind: 'person', value: 'Noor', alias: guard.mask('Noor') }],
    })
    expect(JSON.stringify([views?.question, views?.answer])).not.toContain('Noor')
  })

  test('name no value that stands in neither', async () => {
    const { views } = await viewsOf('She lives in the new mill.')
    expect(views?.aliases.map(({ value }) => value)).toEqual(['Noor'])
  })

  test('are the same text without private values', async () => {
    const { views } = await viewsOf('Noor.', { hasGuard: false })
    expect(views).toEqual({ leakBits: 1.5, question: 'Who is Noor?', answer: 'Noor.', aliases: [] })
  })
})
