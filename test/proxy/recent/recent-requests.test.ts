import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clientName, RecentRequests } from '../../../src/proxy/recent/recent-requests.ts'
import type { RequestRecord } from '../../../src/proxy/request/request-record.ts'

function record(requestId: string, error: RequestRecord['error'] = null): RequestRecord {
  const answered = { status: 200, durationMs: 1, steering: 'on', answer: null } as const
  return { requestId, method: 'POST', route: '/v1/chat/completions', error, ...answered }
}

const detail = { model: null, profile: null, reason: null, cost: null, message: null }

function noted(records: readonly RequestRecord[]): RecentRequests {
  const recent = new RecentRequests()
  for (const one of records) recent.note({ record: one, detail, client: '', key: null, at: 0 })
  return recent
}

test('the newest 200 stay, newest first', () => {
  const ids = Array.from({ length: 201 }, (_, index) => String(index))
  const kept = noted(ids.map((id) => record(id))).list()
  expect(kept.map(({ record: { requestId } }) => requestId)).toEqual(ids.slice(1).reverse())
})

test('whatever is refused in between, no answer is folded into another', () => {
  const codes = fc.constantFrom(null, 'invalid_api_key' as const, 'unknown_url' as const)
  fc.assert(
    fc.property(fc.array(codes, { maxLength: 150 }), (errors) => {
      const kept = noted(errors.map((error, index) => record(String(index), error))).list()
      expect(kept.reduce((sum, { times }) => sum + times, 0)).toBe(errors.length)
      expect(kept.every(({ times, record: { error } }) => times === 1 || error !== null)).toBe(true)
      expect(kept.filter(({ record: { error } }) => error === null)).toHaveLength(
        errors.filter((error) => error === null).length,
      )
    }),
  )
})

test('what a client calls itself is cut, and shown in printable characters alone', () => {
  expect(clientName(undefined)).toBe('')
  expect(clientName('curl/8.5.0')).toBe('curl/8.5.0')
  expect(clientName(`a\u{202e}b${'c'.repeat(400)}`)).toMatch(/^a bc{157}$/)
})
