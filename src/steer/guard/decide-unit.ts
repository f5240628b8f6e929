import type { LocalContinuation, LocalRow, TreeToken } from '../local-pair.ts'
import { gumbelNoise } from '../sampling/gumbel-noise.ts'
import { isGreedy, type Sampling } from '../sampling/sampling.ts'
import type { TokenId } from '../token-id.ts'
import type { Unit } from './decode-guard.ts'
import { chanceOf } from './token-chance.ts'

/** A private value that is emitted whole. */
export interface ChosenUnit {
  readonly unit: Unit
  /** Of its first token, where that was decided too. */
  readonly firstLogprob?: number
  /** Of the value's tokens behind the first, under what decided. */
  readonly logprobs: readonly number[]
}

/** A token that may come next. */
export interface NextToken {
  /** Given those before it, [0, 1]. */
  readonly probability: number
  /** That it is the one at the answer's temperature, [0, 1]: `chanceOf`. */
  readonly chance: number
}

/** A way in which texts go on. */
export interface Continuation {
  readonly unit: Unit
  /** The first token; left out where that is given. */
  readonly begins?: NextToken
  /** Each token behind the first. */
  readonly behind: readonly NextToken[]
}

/**
 * The chance of each of the units that may begin here: that the text goes on that way, decoded token by token
 * at the answer's temperature, and not with a longer unit. What they leave of 1 is the chance that it goes on
 * otherwise.
 */
export function unitMasses(continuations: readonly Continuation[]): number[] {
  const whole = continuations.map(({ begins, behind }) =>
    behind.reduce((product, { chance }) => product * chance, begins?.chance ?? 1),
  )
  return continuations.map(({ unit }, index) => {
    const longer = continuations.filter((other) => extendsUnit(other.unit, unit))
    const nearest = longer.filter(({ unit: far }) => !longer.some((one) => extendsUnit(far, one.unit)))
    const taken = nearest.reduce((sum, one) => sum + (whole[continuations.indexOf(one)] ?? 0), 0)
    return Math.max(0, (whole[index] ?? 0) - taken)
  })
}

/**
 * Which of the units that may begin here is emitted whole, null for none: drawn by `unitMasses`. The noise is
 * a function of seed and position.
 */
export function drawnUnit(
  continuations: readonly Continuation[],
  { sampling, position }: { sampling: Sampling; position: number },
): ChosenUnit | null {
  const masses = unitMasses(continuations)
  const rest = Math.max(0, 1 - masses.reduce((a, b) => a + b, 0))
  let best = -1
  let bestScore = scored(rest, 0, sampling, position)
  for (const [index, mass] of masses.entries()) {
    const score = scored(mass, index + 1, sampling, position)
    if (score > bestScore) [best, bestScore] = [index, score]
  }
  const chosen = continuations[best]
  if (chosen === undefined) return null
  const { unit, begins, behind } = chosen
  const logprobs = unit.tokens.slice(1).map((_, at) => Math.log(behind[at]?.probability ?? 1))
  return { unit, logprobs, ...(begins === undefined ? {} : { firstLogprob: Math.log(begins.probability) }) }
}

function scored(mass: number, option: number, sampling: Sampling, position: number): number {
  const score = Math.log(mass)
  return isGreedy(sampling) ? score : score + gumbelNoise(sampling.seed, position, -1 - option)
}

function extendsUnit({ path }: Unit, shorter: Unit): boolean {
  return path.length > shorter.path.length && shorter.path.every((token, at) => token === path[at])
}

/** How likely the local pair, steered, goes on with each unit behind its first token, whose row is known. */
export async function locallyContinued(
  units: readonly Unit[],
  {
    local,
    behind,
    temperature,
  }: {
    readonly local: LocalContinuation
    readonly behind: ReadonlyMap<TokenId, LocalRow>
    readonly temperature: number
  },
): Promise<Continuation[]> {
  const nodes = new Map<string, number>()
  const tree: TreeToken[] = []
  for (const { path } of units) {
    let parent = behind.get(path[0] as TokenId) as TreeToken['parent']
    // The last token's own row decides nothing
    for (const [at, token] of path.slice(1, -1).entries()) {
      const key = path.slice(0, at + 2).join(' ')
      const known = nodes.get(key)
      parent = known ?? tree.push({ parent, token }) - 1
      nodes.set(key, parent)
    }
  }
  const rows = tree.length === 0 ? [] : await local.feedTree(tree)
  const rowAt = (path: readonly TokenId[], at: number) =>
    at === 1 ? behind.get(path[0] as TokenId) : rows[nodes.get(path.slice(0, at).join(' ')) ?? -1]
  return units.map((unit) => ({
    unit,
    behind: unit.path.slice(1).map((token, at) => {
      const row = rowAt(unit.path, at + 1)
      return row === undefined ? { probability: 0, chance: 0 } : nextOf(row, token, temperature)
    }),
  }))
}

/** How likely a token is the next one, as the steered local guesses tell. */
export function nextOf(row: LocalRow, token: TokenId, temperature: number): NextToken {
  const probability = guessed(row, token)
  const likeliest = row.privateGuesses.map((guess) => guess.probability)
  return { probability, chance: chanceOf(probability, likeliest, temperature) }
}

/** The probability of a token among the steered local guesses; 0 when it is none of them. */
export function guessed({ privateGuesses }: LocalRow, token: TokenId): number {
  return privateGuesses.find((guess) => guess.token === token)?.probability ?? 0
}
