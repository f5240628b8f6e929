import { basename } from 'node:path'
import { GatewayError } from '../../gateway-error.ts'
import { partNames } from '../../slm/gguf/part-files.ts'
import { isWantedFile, quantisationOf } from './hub-name.ts'

/** What a repository has, as far as a choice needs it. */
interface OfferedFiles {
  readonly repo: string
  /** Whether only what the cache on this machine has of it is known. */
  readonly isCached: boolean
  readonly files: ReadonlyMap<string, unknown>
}

/** A model that a repository has as GGUF. */
export interface GgufChoice {
  /** Null where its name does not say. */
  readonly quantisation: string | null
  /** Its files, in their order; one unless it is split. */
  readonly files: readonly [string, ...string[]]
}

/**
 * What is taken where nobody names a quantisation: the first that is there. All are read into 8 bits or 4, so
 * that larger ones gain little, and below 4 bits a model loses much.
 */
const preferred = [
  ...['Q4_K_M', 'UD-Q4_K_XL', 'Q4_K_L', 'Q4_K_S', 'IQ4_NL', 'IQ4_XS', 'Q4_1', 'Q4_0', 'MXFP4'],
  ...['Q5_K_M', 'UD-Q5_K_XL', 'Q5_K_L', 'Q5_K_S', 'Q5_1', 'Q5_0'],
  ...['Q6_K', 'UD-Q6_K_XL', 'Q6_K_L', 'Q8_0', 'UD-Q8_K_XL'],
  ...['Q3_K_L', 'Q3_K_M', 'BF16', 'F16', 'F32', 'Q3_K_S', 'Q2_K_L', 'Q2_K'],
]

/** Files that belong to a model, and are none: what sees for it, and what was counted to quantise it. */
const BESIDE_MODELS = /^mmproj|imatrix/i

/** The models that a repository's files are, each once; a split one only where all parts are there. */
export function ggufChoices(names: Iterable<string>): GgufChoice[] {
  const all = new Set(names)
  const choices: GgufChoice[] = []
  for (const name of all) {
    if (!/\.gguf$/i.test(name) || BESIDE_MODELS.test(basename(name))) continue
    const [first = name, ...others] = partNames(name)
    const isWhole = others.every((part) => all.has(part))
    if (first === name && isWhole)
      choices.push({ quantisation: quantisationOf(name), files: [first, ...others] })
  }
  return choices
}

/**
 * The model that is wanted of a repository, by its quantisation or a file's name; where nothing is wanted,
 * the best suited. Throws GatewayError `model_unavailable`, which lists those that there are.
 */
export function chooseGguf({ repo, isCached, files }: OfferedFiles, wanted: string | null): GgufChoice {
  const choices = ggufChoices(files.keys())
  const fitting = wanted === null ? best(choices) : asked(choices, wanted)
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const where = isCached ? `What this machine's cache of the hub has of ${repo}` : `The repository ${repo}`
  if (choices.length === 0) throw unavailable(`${where} holds no GGUF file.`)
  const names = (fitting.length > 1 ? fitting : choices).map(({ files: [file] }) => file)
  const labels = choices.map(({ quantisation }) => quantisation)
  const areDistinct = fitting.length === 0 && new Set(labels).size === labels.length && !labels.includes(null)
  const has = areDistinct ? labels.join(', ') : names.join(', ')
  const what =
    fitting.length > 1 ? `has several GGUF files for ${wanted ?? 'you to choose from'}` : `has no ${wanted}`
  throw unavailable(`${where} ${what}. Name one as ${repo}:NAME, of ${has}.`)
}

/** `Q4_K_XL` may be called `UD-Q4_K_XL`. */
function asked(choices: readonly GgufChoice[], wanted: string): GgufChoice[] {
  const [exact, dynamic] = [wanted, `UD-${wanted}`].map((name) =>
    choices.filter(({ files: [file] }) => isWantedFile(file, name)),
  )
  return exact?.length === 0 ? (dynamic ?? []) : (exact ?? [])
}

function best(choices: readonly GgufChoice[]): readonly GgufChoice[] {
  for (const label of preferred) {
    const found = choices.filter(({ quantisation }) => quantisation === label)
    if (found.length > 0) return found
  }
  return choices
}

function unavailable(message: string): GatewayError {
  return new GatewayError('model_unavailable', message)
}
