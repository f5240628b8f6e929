import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { Spending } from '../../../src/gateway/costs/spending.ts'

const price = { in: 1, out: 1 }
const DAY_MS = 86_400_000
let file: string
let now: number

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'costeer-spending-'))
  file = join(folder, 'home', 'spending.json')
  now = Date.UTC(2026, 4, 1, 23, 59)
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

function opened(daily: number | null = 5) {
  return Spending.open({ limits: { perAnswer: null, daily }, file, now: () => now })
}

test('what was spent today outlasts a restart, and a new day begins with nothing', async () => {
  const first = await opened()
  first.begin(price).received(2_000_000)
  await first.close()
  const second = await opened()
  expect(second.today).toBe(2)
  second.begin(price).received(1_000_000)
  expect(second.today).toBe(3)
  now += 120_000
  expect(second.today).toBe(0)
  now += DAY_MS
  expect((await opened()).today).toBe(0)
})

test('all answers share the limit of a day', async () => {
  const spending = await opened()
  expect(() => spending.begin(price).received(5_000_000)).toThrow(/Today's budget is spent/)
  expect(() => spending.begin(price).begin({ promptTokens: 1, maxTokens: 1 })).toThrow(
    /Today's budget is spent/,
  )
})

test('a file that is none of its own counts for nothing, and is written anew', async () => {
  const first = await opened()
  first.begin(price).received(1)
  await first.close()
  writeFileSync(file, '{"day":')
  const second = await opened()
  expect(second.today).toBe(0)
  second.begin(price).received(1_000_000)
  await second.close()
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ day: '2026-05-01', amount: 1 })
})

test('without a limit of a day nothing is kept', async () => {
  const spending = await opened(null)
  spending.begin(price).received(1)
  await spending.close()
  expect(() => readFileSync(file)).toThrow(/ENOENT/)
})
