import { describe, expect, test } from 'vitest'
import { OpenAnswers } from '../../../src/gateway/answering/open-answers.ts'
import type { LocalPair, LocalPrompts } from '../../../src/steer/local-pair.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import { tableContinuation } from '../../steer/table-models.ts'

const prompts: LocalPrompts = {
  with: [tokenId(1)],
  without: [tokenId(1)],
  strength: 1,
  signal: new AbortController().signal,
}

function tablePair(open: LocalPair['open'] = async () => tableContinuation(() => [0])): LocalPair {
  return { contextTokens: 64, open, close: async () => {} }
}

describe('open answers', () => {
  test('count from the moment they begin to open until they are closed, however often', async () => {
    const answers = new OpenAnswers(tablePair())
    const opening = [answers.pair.open(prompts), answers.pair.open(prompts)]
    expect(answers.count).toBe(2)
    const [first, second] = await Promise.all(opening)
    first?.close()
    first?.close()
    expect(answers.count).toBe(1)
    second?.close()
    expect(answers.count).toBe(0)
  })

  test('count no longer once they fail to open', async () => {
    const answers = new OpenAnswers(tablePair(() => Promise.reject(new Error('worker gone'))))
    await expect(answers.pair.open(prompts)).rejects.toThrow('worker gone')
    expect(answers.count).toBe(0)
  })

  test('tell of a new one before its pair begins to open', async () => {
    const told: string[] = []
    const pair = tablePair(async () => {
      told.push('opening')
      return tableContinuation(() => [0])
    })
    const answers = new OpenAnswers(pair)
    answers.onChange(() => told.push(`open: ${answers.count}`))
    const continuation = await answers.pair.open(prompts)
    continuation.close()
    expect(told).toEqual(['open: 1', 'opening', 'open: 0'])
  })
})
