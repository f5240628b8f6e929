import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FreeAliases } from '../../../src/guard/aliases/free-aliases.ts'
import { FormMatcher } from '../../../src/guard/matching/form-matcher.ts'
import { runWhole } from '../../../src/sliced-work.ts'

const MOST_ATTEMPTS = 6

/** The aliases of each value, by attempts. */
type Tries = readonly (readonly (readonly string[])[])[]

function optionsOf(tries: Tries, texts: readonly string[]) {
  return {
    texts,
    attempt: (index: number, count: number) =>
      (tries[index]?.[count] ?? []).map((alias) => ({ kind: 'other' as const, real: `${index}`, alias })),
    isOwn: () => true,
    mostAttempts: MOST_ATTEMPTS,
  }
}

/** One value after the other, each attempt beside all that came before. */
function chosenOneByOne(tries: Tries, texts: readonly string[]): (readonly string[] | null)[] {
  const taken: string[] = []
  const holds = (text: string, form: string) => new FormMatcher([form]).find(text).length > 0
  return tries.map((attempts) => {
    const free = attempts.find((aliases) =>
      aliases.every(
        (alias) =>
          !texts.some((text) => holds(text, alias)) &&
          !taken.some((other) => holds(other, alias) || holds(alias, other)),
      ),
    )
    taken.push(...(free ?? []))
    return free ?? null
  })
}

const alias = fc
  .array(fc.constantFrom('Kim', 'Kelly', 'Kel', 'ly', 'Abbott', 'Abb', 'ott', '12', '-'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(''))
  .filter((text) => text.replaceAll('-', '').length > 1)
const attempts = fc.array(fc.array(alias, { minLength: 1, maxLength: 2 }), {
  minLength: MOST_ATTEMPTS,
  maxLength: MOST_ATTEMPTS,
})

describe('free aliases', () => {
  test('are those that are chosen one value after the other', () => {
    fc.assert(
      fc.property(
        fc.array(attempts, { maxLength: 12 }),
        fc.array(alias, { maxLength: 3 }),
        (tries, texts) => {
          const free = new FreeAliases(tries.length, optionsOf(tries, texts))
          const chosen = tries.map(
            (_, index) => runWhole(free.take(index))?.map((form) => form.alias) ?? null,
          )
          expect(chosen).toEqual(chosenOneByOne(tries, texts))
        },
      ),
    )
  })

  test('others have their turn before each that is taken, however many there are', () => {
    const tries = Array.from({ length: 100 }, (_, at) => [[`Alias ${1000 + at}`]])
    const free = new FreeAliases(tries.length, optionsOf(tries, ['']))
    runWhole(free.take(0))
    for (let index = 1; index < tries.length; index++) expect([...free.take(index)]).toHaveLength(1)
  })

  test('the texts are read once more, not again and again, where many come upon an alias before them', () => {
    const clashing = Array.from({ length: 100 }, (_, at) => [
      [`v${1000 + at}@lawson.example`],
      [`v${1000 + at}@cole.example`],
      [`v${1000 + at}@dalton.example`],
    ])
    const options = optionsOf([[['Lawson']], ...clashing], [''])
    let made = 0
    const attempt = (index: number, count: number) => {
      made++
      return options.attempt(index, count)
    }
    const free = new FreeAliases(1 + clashing.length, { ...options, attempt })
    const chosen = [0, ...clashing.keys()].map((_, index) => runWhole(free.take(index))?.[0]?.alias)
    expect(chosen.slice(0, 2)).toEqual(['Lawson', 'v1000@cole.example'])
    expect(made).toBe(1 + 2 * clashing.length)
  })
})
