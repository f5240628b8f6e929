import { describe, expect, test } from 'vitest'
import type { EmittedToken } from '../../../src/gateway/answering/answer-pieces.ts'
import { RestoredTokens } from '../../../src/gateway/guarding/restored-tokens.ts'
import { FormMatcher } from '../../../src/guard/matching/form-matcher.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'
import { guard as decode, texts, tokens } from '../../steer/guard/noor-and-sammy.ts'

const [Hi, No, or, Sam, my, is, gap, , on] = tokens

/** "Sammy" stands for "Noor". */
const guard = { aliasForms: new FormMatcher(['Sammy'], { isWholeWords: true }), realFor: () => 'Noor' }

/** A token of the probability `chance`, and what else might have come. */
function emitted(token: TokenId, chance: number, others: readonly (readonly [TokenId, number])[] = []) {
  const alternatives = [[token, chance] as const, ...others].map(([id, one]) => ({
    token: id,
    logprob: Math.log(one),
  }))
  const logprob = Math.log(chance)
  return { type: 'token-emitted', token, logprob, alternatives, steered: false, certified: true } as const
}

/** Each token's text and probability, and those of its alternatives. */
function shown(all: readonly EmittedToken[]) {
  const one = ({ token, logprob }: { readonly token: TokenId; readonly logprob: number }) =>
    [texts[token], Number(Math.exp(logprob).toFixed(4))] as const
  return all.map((token) => [...one(token), token.alternatives.map(one)] as const)
}

function restored(...said: readonly EmittedToken[]) {
  return shown(new RestoredTokens({ guard, decode }).push(said, { isEnd: true }))
}

describe('tokens of an alias', () => {
  test("are told as the value's, each as likely, and what they begin alike", () => {
    expect(restored(emitted(Hi, 1), emitted(Sam, 0.5, [[is, 0.25]]), emitted(my, 0.8, [[on, 0.1]]))).toEqual([
      ['Hi', 1, [['Hi', 1]]],
      [
        ' No',
        0.5,
        [
          [' No', 0.5],
          [' is', 0.25],
        ],
      ],
      ['or', 0.8, [['or', 0.8]]],
    ])
  })

  test('are told once it is known that they are', () => {
    const pipe = new RestoredTokens({ guard, decode })
    expect(shown(pipe.push([emitted(Hi, 1)], { isEnd: false })).map(([text]) => text)).toEqual(['Hi'])
    const told = pipe.push([emitted(Sam, 0.5), emitted(my, 0.5)], { isEnd: false })
    expect(shown(told).map(([text]) => text)).toEqual([' No', 'or'])
  })

  test('stay where they are other words', () => {
    expect(restored(emitted(Sam, 0.5), emitted(is, 0.5)).map(([text]) => text)).toEqual([' Sam', ' is'])
  })

  test('have no alternatives where nobody asked for them', () => {
    const plain = { ...emitted(Sam, 0.5), alternatives: [] }
    expect(restored(plain, emitted(my, 0.5))).toEqual([
      [' No', 0.5, []],
      ['or', 0.5, []],
    ])
  })
})

describe('an alternative', () => {
  test('right behind an alias stays', () => {
    const told = restored(emitted(Sam, 0.5), emitted(my, 0.5), emitted(is, 0.5, [[on, 0.25]]))
    expect(told[2]).toEqual([
      ' is',
      0.5,
      [
        [' is', 0.5],
        [' on', 0.25],
      ],
    ])
  })

  test('that begins an alias is the beginning of the value', () => {
    expect(restored(emitted(is, 0.5, [[Sam, 0.25]]))).toEqual([
      [
        ' is',
        0.5,
        [
          [' is', 0.5],
          [' No', 0.25],
        ],
      ],
    ])
  })

  test('that begins the alias of what was chosen is what was chosen', () => {
    expect(restored(emitted(No, 0.25, [[Sam, 0.5]]))).toEqual([[' No', 0.25, [[' No', 0.25]]]])
  })

  test('that is the value, beside one that begins its alias, is both', () => {
    expect(
      restored(
        emitted(is, 0.5, [
          [Sam, 0.25],
          [No, 0.125],
        ]),
      ),
    ).toEqual([
      [
        ' is',
        0.5,
        [
          [' is', 0.5],
          [' No', 0.375],
        ],
      ],
    ])
  })

  test('that would end an alias is none: before it stand other words', () => {
    const told = restored(emitted(Sam, 0.5), emitted(is, 0.5, [[my, 0.25]]))
    expect(told[1]).toEqual([' is', 0.5, [[' is', 0.5]]])
  })

  test('that begins less than half of an alias stays, since it begins other words too', () => {
    const long = new Map([[gap, [{ path: [gap, Sam, my], tokens: [No, or], needsBorder: false }]]])
    const pipe = new RestoredTokens({ guard, decode: { ...decode, aliasesBy: long } })
    const told = pipe.push([emitted(is, 0.5, [[gap, 0.25]])], { isEnd: true })
    expect(shown(told)).toEqual([
      [
        ' is',
        0.5,
        [
          [' is', 0.5],
          [' [', 0.25],
        ],
      ],
    ])
  })
})

test('a value of fewer tokens than its alias is as likely as all of them', () => {
  const short = { ...guard, realFor: () => 'is' }
  const told = new RestoredTokens({ guard: short, decode }).push([emitted(Sam, 0.5), emitted(my, 0.5)], {
    isEnd: true,
  })
  expect(shown(told)).toEqual([[' is', 0.25, [[' is', 0.25]]]])
})
