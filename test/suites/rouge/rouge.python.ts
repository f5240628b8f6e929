import { execFile } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { rouge } from '../../../src/evaluation/scores/rouge.ts'
import { rougePairs } from '../../evaluation/scores/rouge-pairs.ts'
import { pythonPackages } from '../python-packages.ts'

const folder = new URL('./', import.meta.url)
const word = fc.constantFrom(
  'the',
  'a',
  'Bridge',
  'bridges',
  'of',
  "don't",
  '12,000',
  'café',
  '—',
  'x_y',
  '...',
)
const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(' '))

describe("Python's rouge-score", () => {
  let python = ''
  beforeAll(async () => {
    python = join(await pythonPackages('rouge', new URL('requirements.txt', folder)), 'python')
  })

  /** Scores of many pairs in one run of the interpreter. */
  const scoresOf = (pairs: readonly (readonly [string, string])[]) =>
    new Promise<Record<string, number>[]>((resolve, reject) => {
      const script = new URL('rouge_score_pairs.py', folder).pathname
      const child = execFile(python, [script], (failure, out) =>
        failure === null ? resolve(JSON.parse(out)) : reject(failure),
      )
      child.stdin?.end(JSON.stringify(pairs))
    })

  test('gave the recorded scores', async () => {
    const scores = await scoresOf(rougePairs.map(({ answer, reference }) => [answer, reference]))
    for (const [index, pair] of rougePairs.entries()) {
      for (const [name, score] of Object.entries(pair.scores))
        expect(scores[index]?.[name]).toBeCloseTo(score, 5)
    }
  })

  test('gives made-up texts the same scores to a thousandth', async () => {
    const pairs = fc.sample(fc.tuple(text, text), { numRuns: 500, seed: 1 })
    const scores = await scoresOf(pairs)
    for (const [index, [answer, reference]] of pairs.entries()) {
      for (const [name, score] of Object.entries(rouge(answer, reference))) {
        expect(
          Math.abs(score - (scores[index]?.[name] ?? 2)),
          `${name}: ${answer} | ${reference}`,
        ).toBeLessThan(1e-3)
      }
    }
  })
})
