import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MOST_PROPOSED, tokenGuard } from '../../../src/gateway/guarding/token-guard.ts'
import { makeGuard } from '../../../src/guard/make-guard.ts'
import { allForms, isTellable, type PrivateValue, privateKinds } from '../../../src/guard/private-value.ts'
import { unguarded } from '../../../src/guard/public.ts'
import { runWhole } from '../../../src/sliced-work.ts'
import { ByteTokens } from '../../../src/steer/alignment/byte-tokens.ts'
import { PublicSequence } from '../../../src/steer/guard/public-sequence.ts'
import { type TokenId, tokenId } from '../../../src/steer/token-id.ts'
import type { Vocabulary } from '../../../src/steer/vocabulary.ts'
import { stands } from '../../guard/stands.ts'

const word = fc.stringMatching(/^[A-Za-zéØш李]{1,6}$/)
const text = fc.oneof(
  word,
  fc.stringMatching(/^\d{4,8}$/),
  fc.tuple(word, word).map((two) => two.join(' ')),
)
const values: fc.Arbitrary<PrivateValue> = fc.record({
  kind: fc.constantFrom(...privateKinds),
  value: text.filter(isTellable),
  forms: fc.array(text.filter(isTellable), { maxLength: 2 }),
})

/** All bytes, and pieces of the texts, as tokenizers have them. */
function vocabularyOf(pieces: readonly string[]): Vocabulary {
  const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
  const tokens = [...bytes, ...[...new Set(pieces)].map((piece) => new TextEncoder().encode(piece))]
  return {
    size: tokens.length,
    fingerprint: 'random',
    bytes: (token) => tokens[token] ?? new Uint8Array(),
    endTokens: new Set(),
  }
}

/** Values, texts that hold them and others, and a vocabulary that cuts all of them anywhere. */
const answers = fc
  .record({
    declared: fc.array(values, { minLength: 1, maxLength: 3 }),
    others: fc.array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), word), { maxLength: 6 }),
    picks: fc.array(fc.nat(30), { minLength: 1, maxLength: 10 }),
    gaps: fc.array(fc.constantFrom('', ' ', ', ', '\n', '-', '**', '\u200b', '<b>', "'s ", 's '), {
      minLength: 10,
      maxLength: 10,
    }),
    cuts: fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 6 })), { maxLength: 12 }),
  })
  .map(({ declared, others, picks, gaps, cuts }) => {
    const words = [...declared.flatMap(allForms), ...others]
    const answer = picks.map((pick, at) => `${words[pick % words.length]}${gaps[at % gaps.length]}`).join('')
    const pieces = cuts.map(([at, length]) => [...answer].slice(at, at + length).join(''))
    return { declared, answer, vocabulary: vocabularyOf(pieces.filter((piece) => piece !== '')) }
  })

describe('a guard in random tokens', () => {
  test('lets no declared form into what the upstream reads, whatever the answer says', () => {
    let replaced = 0
    fc.assert(
      fc.property(answers, ({ declared, answer, vocabulary }) => {
        const guard = makeGuard({
          values: declared,
          texts: [],
          secret: new Uint8Array(32),
          conversation: 'a',
        })
        const tokens = new ByteTokens(vocabulary)
        const encode = (one: string) => tokens.split(new TextEncoder().encode(one))
        const parts = { tokenizer: { encode }, vocabulary } as never
        const sequence = new PublicSequence(
          unguarded([]),
          runWhole(tokenGuard({ guard, masksPrompt: false, gaps: [] }, parts)),
        )
        const read = (ids: readonly TokenId[]) =>
          new TextDecoder().decode(Buffer.concat(ids.map((id) => Buffer.from(vocabulary.bytes(id)))))
        // What is not seen stands between no words
        const seen = () => read(sequence.tokens).replaceAll('\u200b', '')
        for (const token of encode(answer)) {
          sequence.take(tokenId(token))
          const now = seen()
          for (const form of declared.flatMap(allForms)) expect(stands(form, now)).toBe(false)
        }
        if (read(sequence.tokens) !== answer) replaced++
      }),
      { numRuns: 100 },
    )
    expect(replaced).toBeGreaterThan(30)
  })
})

/** A guard of so many values, and a text that writes them in bytes. */
function numbered(count: number) {
  const declared = Array.from({ length: count }, (_, at) => ({
    kind: 'number' as const,
    value: `AB${10_000 + at}`,
    forms: [],
  }))
  const guard = makeGuard({ values: declared, texts: [], secret: new Uint8Array(32), conversation: 'a' })
  const vocabulary = vocabularyOf([])
  const tokens = new ByteTokens(vocabulary)
  const encode = (one: string) => tokens.split(new TextEncoder().encode(one))
  return { declared, guard, encode, parts: { tokenizer: { encode }, vocabulary } as never }
}

test('of thousands of values answers propose the first, and the others are masked all the same', () => {
  const { declared, guard, encode, parts } = numbered(MOST_PROPOSED + 10)
  const decode = runWhole(tokenGuard({ guard, masksPrompt: false, gaps: [] }, parts))
  const proposed = [...decode.valuesBy.values()].flat()
  expect(proposed.filter(({ needsBorder }) => needsBorder)).toHaveLength(MOST_PROPOSED)
  const sequence = new PublicSequence(unguarded([]), decode)
  const [last = ''] = declared.map(({ value }) => value).slice(-1)
  for (const token of encode(last)) sequence.take(token)
  expect(sequence.answer).toEqual(encode(guard.mask(last)))
})

test('others have their turn while many forms and gaps become tokens', () => {
  const { declared, guard, parts } = numbered(50)
  const gaps = Array.from({ length: 30 }, (_, at) => ({ gap: `[Name ${at}`, value: `AB${10_000 + at}` }))
  const work = tokenGuard({ guard, masksPrompt: false, gaps }, parts)
  expect([...work].length).toBeGreaterThanOrEqual(2 * declared.length + gaps.length)
})
