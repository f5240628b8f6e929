// This room owns models as files: which are known, how one is fetched or imported, and where it lies on this
// machine. It runs none of them.
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { GatewayError } from '../gateway-error.ts'

/** The name of a model in the catalogue and in the model folder. */
export const modelNameSchema = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)

const hubSource = z.strictObject({
  kind: z.literal('hub'),
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  file: z.string().regex(/^[\w./-]+$/),
  revision: z.string().default('main'),
})

const pipSource = z.strictObject({
  kind: z.literal('pip'),
  package: z.string().regex(/^[A-Za-z0-9][\w.-]*(==[\w.]+)?$/),
  parts: z.int().min(1).max(1000).optional(),
})

const vocabularyName = z.string().regex(/^[a-z0-9.-]+$/)

/** What a model's chat template makes of a conversation. */
const templateFacts = z.strictObject({
  /** Whether it has a place for a system message, puts it before the first question, or leaves it out. */
  system: z.enum(['own', 'first-question', 'none']),
  tools: z.boolean(),
  thinking: z.enum(['never', 'switch', 'always']),
})

const entrySchema = z.strictObject({
  title: z.string().min(1),
  aliases: z.array(modelNameSchema).default([]),
  licence: z.string().min(1),
  parameters: z.int().positive(),
  /** Of the weights as a local model, unless `local.precision` says so: 4 where they personalise as well. */
  bits: z.literal([4, 8]).default(8),
  /** Both left out where nobody has seen the file here: the hub's own size and digest are checked then. */
  bytes: z.int().positive().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Models whose token ids mean the same, so that one can be the local model of another. */
  vocabulary: vocabularyName.optional(),
  template: templateFacts.optional(),
  sources: z.array(z.discriminatedUnion('kind', [hubSource, pipSource])).min(1),
})

const catalogueSchema = z.strictObject({
  models: z.record(modelNameSchema, entrySchema),
  /** By vocabulary, what the names of models that have it begin with, behind their organisation. */
  vocabularies: z
    .array(
      z.strictObject({
        vocabulary: vocabularyName,
        names: z.array(z.string().min(1)).min(1),
        but: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  /** Models that make a gateway without a server: under the pair's name, the large and the local one. */
  pairs: z
    .record(modelNameSchema, z.strictObject({ upstream: modelNameSchema, local: modelNameSchema }))
    .default({}),
  strengths: z
    .array(z.strictObject({ upstream: z.string(), local: z.string(), strength: z.number().min(0).max(20) }))
    .default([]),
})

export type HubSource = z.infer<typeof hubSource>
export type PipSource = z.infer<typeof pipSource>
export type ModelSource = HubSource | PipSource

/** A model file that can be fetched: GGUF, of `bytes` bytes with this `sha256` where they are known. */
export interface CatalogueEntry extends z.infer<typeof entrySchema> {
  readonly name: string
}

/** Two models that together answer without any server. */
interface ModelPair {
  readonly name: string
  /** The large one, which sees the conversation alone. */
  readonly upstream: string
  readonly local: string
}

export interface Catalogue {
  readonly entries: readonly CatalogueEntry[]
  readonly pairs: readonly ModelPair[]
  /** The entry with this name or alias; undefined when there is none. */
  find(name: string): CatalogueEntry | undefined
  /** The vocabulary of a model by a server's name for it; null when it is none of those known. */
  vocabularyOf(model: string): string | null
  /**
   * The strength c_T tuned for a pair of models, whose names may be a server's; null when nobody has tuned
   * it.
   */
  tunedStrength(pair: { readonly upstream: string; readonly local: string }): number | null
}

const shipped = new URL('../../config/models.yaml', import.meta.url)

/**
 * Reads the catalogue that comes with this program, or another file. Rejects with GatewayError
 * `config_invalid`.
 */
export async function loadCatalogue(file: string | URL = shipped): Promise<Catalogue> {
  const parsed = catalogueSchema.safeParse(await readYaml(file))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const problem = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`
    throw new GatewayError(
      'config_invalid',
      `The model catalogue ${String(file)} is not valid at ${problem}.`,
    )
  }
  const entries = Object.entries(parsed.data.models).map(([name, entry]) => ({ name, ...entry }))
  const find = (name: string) => {
    const wanted = name.toLowerCase()
    return entries.find((entry) => entry.name === wanted || entry.aliases.includes(wanted))
  }
  const canonical = (name: string) => find(name)?.name ?? find(plainName(name))?.name ?? plainName(name)
  return {
    entries,
    pairs: Object.entries(parsed.data.pairs).map(([name, pair]) => ({ name, ...pair })),
    find,
    vocabularyOf(model) {
      const plain = plainName(model)
      const begins = (start: string) => plain.startsWith(start)
      const known = parsed.data.vocabularies.find(({ names, but }) => names.some(begins) && !but.some(begins))
      return find(model)?.vocabulary ?? known?.vocabulary ?? null
    },
    tunedStrength({ upstream, local }) {
      const [large, small] = [canonical(upstream), canonical(local)]
      const pair = parsed.data.strengths.find((one) => one.upstream === large && one.local === small)
      return pair?.strength ?? null
    },
  }
}

const SUFFIX = /[-._](gguf|instruct|awq|gptq|f16|bf16|fp16|i?q\d(_\d|_k|_[sml]|_xs|_nl)*)$/

/**
 * `Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF`, `qwen2.5-coder-1.5b-instruct-q4_k_m.gguf` and Ollama's
 * `qwen2.5-coder:1.5b` all give `qwen2.5-coder-1.5b`.
 */
function plainName(name: string): string {
  let plain = name
    .toLowerCase()
    .replace(/^.*[/\\]/, '')
    .replace(/:latest$/, '')
    .replace(':', '-')
  while (SUFFIX.test(plain)) plain = plain.replace(SUFFIX, '')
  return plain
}

async function readYaml(file: string | URL): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new GatewayError('config_invalid', `The model catalogue ${String(file)} cannot be read.`, { cause })
  }
}
