import { beforeEach, describe, expect, test } from 'vitest'
import { tokenIds } from '../../../src/steer/token-id.ts'
import { LlamaCppSlots } from '../../../src/upstream/llama-cpp/slots.ts'

const signal = new AbortController().signal
const prompt = [...Array(20).keys()]
function behind(...tokens: number[]) {
  return tokenIds([...prompt, ...tokens])
}
/** The server's answer, twelve tokens. */
const answer = [...Array(12).keys()].map((i) => 100 + i)

let nowMs: number
let slots: LlamaCppSlots

beforeEach(() => {
  nowMs = 1_000
  slots = new LlamaCppSlots({ count: 2, clock: { now: () => nowMs } })
})

/**
 * A stream behind the prompt that was left after twelve tokens, and another slot that holds the prompt alone.
 */
async function leaveStream() {
  const first = await slots.enter(behind(), signal)
  const second = await slots.enter(behind(), signal)
  second.computed(100)
  second.release({ left: false })
  for (const token of answer) {
    first.computed(token)
    nowMs += 30
  }
  first.release({ left: true })
}

describe('slots of a server that computes prompts on a processor', () => {
  beforeEach(() => slots.learnPace({ stepMs: 30, stepsPerPromptToken: 0.25 }))

  test('a request waits for the slot whose stream it follows, until the server has noticed', async () => {
    await leaveStream()
    const next = behind(...answer.slice(0, 9), 7)
    expect(slots.waitMs(next)).toBeCloseTo(51)
    nowMs += 10
    expect(slots.waitMs(next)).toBeCloseTo(41)
    nowMs += 41
    expect(slots.waitMs(next)).toBe(0)
  })

  test('a request does not wait where another slot lacks little', async () => {
    await leaveStream()
    expect(slots.waitMs(behind(...answer.slice(0, 4), 7))).toBe(0)
    expect(slots.waitMs(behind(7))).toBe(0)
  })

  test('nobody waits behind a stream that has come to its end, nor for a slot that is busy', async () => {
    const use = await slots.enter(behind(), signal)
    for (const token of answer) use.computed(token)
    expect(slots.waitMs(behind(...answer))).toBe(0)
    use.release({ left: false })
    expect(slots.waitMs(behind(...answer))).toBe(0)
  })

  test('a request that was cancelled before its first token leaves the slot with what it held before', async () => {
    await leaveStream()
    nowMs += 100
    const cancelled = await slots.enter(behind(...answer.slice(0, 10), 7), signal)
    cancelled.release({ left: true })
    expect(slots.waitMs(behind(...answer.slice(0, 10), 8))).toBeGreaterThan(0)
    expect(slots.waitMs(behind(...answer.slice(0, 5), 8))).toBe(0)
  })

  test('a stream that was aborted counts as left before its reader has noticed', async () => {
    const controller = new AbortController()
    const stream = await slots.enter(behind(), controller.signal)
    for (const token of answer) stream.computed(token)
    const next = behind(...answer, 7)
    expect(slots.waitMs(next)).toBe(0)
    controller.abort()
    expect(slots.waitMs(next)).toBeGreaterThan(0)
    nowMs += 100
    const follower = await slots.enter(next, signal)
    stream.release({ left: true })
    follower.computed(7)
    follower.release({ left: false })
    expect(slots.waitMs(next)).toBe(0)
  })

  test('waiting ends with the request', async () => {
    await leaveStream()
    const controller = new AbortController()
    const entering = slots.enter(behind(...answer), controller.signal)
    controller.abort(new Error('left'))
    await expect(entering).rejects.toThrow('left')
  })
})

test.each([
  { server: 'with an accelerator', pace: { stepMs: 30, stepsPerPromptToken: 0.01 } },
  { server: 'that does not tell its pace', pace: null },
])('nobody waits at a server $server', async ({ pace }) => {
  if (pace !== null) slots.learnPace(pace)
  await leaveStream()
  expect(slots.waitMs(behind(...answer, 7))).toBe(0)
})
