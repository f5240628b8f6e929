/** What a link to the page says of a question: by ids and numbers, never by a profile's text. */
export interface AskedState {
  readonly prompt: string
  readonly profile: string | null
  readonly model: string | null
  /** Null for the model's own. */
  readonly strength: number | null
  readonly temperature: number
  readonly topP: number
  /** Null for what suits the model. */
  readonly frequencyPenalty: number | null
  readonly seed: number
  readonly maxTokens: number
}

const names = {
  prompt: 'q',
  profile: 'as',
  model: 'model',
  strength: 'strength',
  temperature: 'temperature',
  topP: 'top_p',
  frequencyPenalty: 'against_repetition',
  seed: 'seed',
  maxTokens: 'max_tokens',
} as const satisfies Record<keyof AskedState, string>

/** Ranges of the page's own fields; a number beyond them is as if it were not there. */
const ranges = {
  strength: [0, 20],
  temperature: [0, 2],
  topP: [0.05, 1],
  frequencyPenalty: [0, 2],
  seed: [0, 2 ** 31 - 1],
  maxTokens: [1, 4096],
} as const satisfies Partial<Record<keyof AskedState, readonly [number, number]>>

type NumberKey = keyof typeof ranges
const numberKeys = Object.keys(ranges) as NumberKey[]
const wholeNumbers: readonly string[] = ['seed', 'maxTokens']

/** The fragment of the page's address; what is as usual is left out, but for the seed. */
export function fragmentOf(state: AskedState, usual: AskedState): string {
  const query = new URLSearchParams({ q: state.prompt })
  if (state.profile !== null) query.set(names.profile, state.profile)
  if (state.model !== null) query.set(names.model, state.model)
  for (const key of numberKeys) {
    const value = state[key]
    if (value !== null && (value !== usual[key] || key === 'seed')) query.set(names[key], String(value))
  }
  return `#${query}`
}

/** What a fragment says; what it does not say, or not well, is missing. */
export function readFragment(fragment: string): Partial<AskedState> {
  const query = new URLSearchParams(fragment.replace(/^#/, ''))
  const text = (key: 'prompt' | 'profile' | 'model') => {
    const value = query.get(names[key])
    return value === null ? {} : { [key]: value }
  }
  const numbers = numberKeys.flatMap((key) => {
    const value = Number(query.get(names[key]) || Number.NaN)
    const [least, most] = ranges[key]
    const fits = value >= least && value <= most && (!wholeNumbers.includes(key) || Number.isInteger(value))
    return fits ? [[key, value] as const] : []
  })
  return { ...text('prompt'), ...text('profile'), ...text('model'), ...Object.fromEntries(numbers) }
}
