import { describe, expect, test } from 'vitest'
import { maskedStrings, restoredStrings, stringsOf } from '../../../src/gateway/guarding/masked-strings.ts'
import type { Guard } from '../../../src/guard/guard.ts'
import { makeGuard } from '../../../src/guard/make-guard.ts'
import type { PrivateValue } from '../../../src/guard/private-value.ts'
import { guarded } from '../../../src/guard/public.ts'
import { runWhole } from '../../../src/sliced-work.ts'

function guardOf(...values: PrivateValue[]): Guard {
  return makeGuard({ values, texts: [], secret: new Uint8Array(32), conversation: 'a' })
}

const noor = guardOf(
  { kind: 'person', value: 'Noor', forms: [] },
  { kind: 'phone', value: '+44 20 7946 0958', forms: [] },
  { kind: 'number', value: '7946', forms: [] },
)

describe('a value with private texts', () => {
  const call = (phone: unknown) => ({
    name: 'call_noor',
    arguments: JSON.stringify({ who: 'Noor', phone, 'of Noor': [7946, 12] }),
  })

  test('is masked in its texts, keys and numbers, and in those of JSON texts', () => {
    const masked = runWhole(
      maskedStrings([call(442079460958), call('+44 20 7946 0958'), '{"of":442079460958}'], noor),
    )
    expect(() => runWhole(guarded(masked, noor))).not.toThrow()
    const [first] = masked
    expect(JSON.parse((first as ReturnType<typeof call>).arguments)).toMatchObject({
      phone: expect.any(Number),
    })
    expect(runWhole(restoredStrings(masked[1], noor))).toMatchObject({ name: 'call_noor' })
  })

  test('keeps numbers in it that only count something', () => {
    expect(runWhole(restoredStrings({ used: Number(noor.mask('7946')) }, noor))).not.toEqual({ used: 7946 })
    expect(runWhole(restoredStrings({ of: Number(noor.mask('442079460958')) }, noor))).toEqual({
      of: 442079460958,
    })
  })

  test('tells its texts, keys that are no plain names, and long numbers', () => {
    expect(
      runWhole(stringsOf({ to: ['moss', 4111111111111111, 20], 'a@moss.example': 1, plain: null })),
    ).toEqual(['moss', '4111111111111111', 'a@moss.example'])
  })
})

test('what a protocol names stays, whoever is called so', () => {
  const odd = guardOf(
    { kind: 'organisation', value: 'Content', forms: ['Function'] },
    { kind: 'person', value: 'Tool User', forms: ['User'] },
  )
  const sent = {
    messages: [{ role: 'user', content: 'Write to Content, says User.', type: 'function' }],
    tools: [],
    type: 'Tool User',
  }
  const masked = runWhole(maskedStrings(sent, odd))
  expect(masked.messages[0]).toMatchObject({ role: 'user', type: 'function' })
  expect(masked.messages[0]?.content).not.toMatch(/content|user/i)
  expect(masked.type).not.toMatch(/user/i)
  const { content } = masked.messages[0] ?? {}
  expect(() => runWhole(guarded({ messages: [{ content }] }, odd))).not.toThrow()
})
