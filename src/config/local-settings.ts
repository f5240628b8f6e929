import { z } from 'zod'
import { isLoopback } from '../upstream/http/loopback.ts'

const name = z.string().min(1)

const onFailure = z
  .enum(['continue-unsteered', 'fail'])
  .default('continue-unsteered')
  .describe('What happens to an answer whose local model fails on the way.')

const embedded = z.strictObject({
  kind: z
    .literal('embedded')
    .default('embedded')
    .describe('A model in this process, unless another kind is named.'),
  model: name
    .default('smollm2-135m')
    .describe(
      'A name of the catalogue or of another model on this machine (see `costeer models`); or the path of a GGUF file or of a folder with safetensors, relative to the configuration file.',
    ),
  threads: z.int().min(0).default(0).describe('Threads of the local model; 0 means one for each core.'),
  precision: z
    .literal(['auto', 4, 8])
    .default('auto')
    .describe(
      'Bits of each weight of a GGUF file or a folder with safetensors. 4 take less memory and time than 8, and some of the precision; `auto` takes them where both were measured, for the model and for the kind of processor.',
    ),
  cache_bytes: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Budget of the K/V cache of prompt prefixes, in bytes; unless given, its share of `memory.budget`.',
    ),
  running_bytes: z
    .int()
    .min(0)
    .optional()
    .describe(
      'Budget of the K/V rows of steered answers that run, in bytes; further ones wait for their turn. Unless given, its share of `memory.budget`.',
    ),
  on_failure: onFailure,
})

const llamaCpp = z.strictObject({
  kind: z
    .literal('llama-cpp')
    .describe("llama.cpp's server next door, on a GPU for instance. **The profile goes there.**"),
  url: z
    .url({ protocol: /^https?$/ })
    .describe('Base address of the server, without /v1: a loopback address, unless `trusted` is set.'),
  trusted: z
    .boolean()
    .default(false)
    .describe('Whether `url` may be another machine, which then reads the profile.'),
  model: name.optional().describe("The model's name at the server; may be left out when it serves one only."),
  tokenizer: name
    .optional()
    .describe(
      "Where the model's tokens and chat template come from: a model on this machine, a GGUF file or a folder with tokenizer.json (relative to the configuration file). Unless given, the file that the server says it runs.",
    ),
  api_key_env: name.optional().describe('Environment variable that holds the bearer token.'),
  api_key_file: name
    .optional()
    .describe(
      'File that holds the bearer token, such as a mounted secret; relative to the configuration file.',
    ),
  candidates: z
    .int()
    .min(1)
    .default(1000)
    .describe('N: likeliest tokens asked of each stream; a candidate in neither list is neutral.'),
  connect_ms: z.int().min(0).default(5_000).describe('Longest wait for a connection.'),
  reply_ms: z
    .int()
    .min(0)
    .default(600_000)
    .describe('Longest wait for a reply: a processor reads some tens of tokens of a prompt in a second.'),
  on_failure: onFailure,
})

/** The local model: in this process, or behind a server that the user trusts. */
export const localSchema = z
  .discriminatedUnion('kind', [embedded, llamaCpp])
  .superRefine((local, context) => {
    if (local.kind !== 'llama-cpp') return
    const refuse = (key: keyof typeof local, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message })
    if (!local.trusted && !isLoopback(new URL(local.url).hostname))
      refuse(
        'url',
        'the profile goes to this address, which is not on this machine: name a loopback address, or set `local.trusted: true` if the profile may go there',
      )
    if (local.api_key_env !== undefined && local.api_key_file !== undefined)
      refuse('api_key_file', 'give only one of `api_key_env` and `api_key_file`')
  })

export type LocalConfig = z.infer<typeof localSchema>
export type EmbeddedLocal = Extract<LocalConfig, { kind: 'embedded' }>
export type ServedLocal = Extract<LocalConfig, { kind: 'llama-cpp' }>
