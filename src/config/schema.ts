// This room owns the configuration file: its keys, checks and defaults, and the secrets and paths that it
// names. It opens nothing; how an upstream is configured stands in upstream/kinds.ts.
import { z } from 'zod'
import { upstreamSchema } from '../upstream/kinds.ts'
import { localSchema } from './local-settings.ts'

const fraction = z.number().gt(0).lt(1)
const milliseconds = z.int().min(0)
const name = z.string().min(1)
/** A scheme, a host and perhaps a port; neither `null`, which anyone can be, nor a wildcard. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^\s/*?#@]+\/?$/i

const apiKey = z
  .strictObject({
    key: z.string().min(8).optional().describe('The key itself; prefer `sha256`.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .describe('SHA-256 of the key, hex.'),
    key_file: name
      .optional()
      .describe('File that holds the key, such as a mounted secret; relative to the configuration file.'),
    profile: name.optional().describe('The profile that callers with this key get.'),
    admin: z
      .boolean()
      .default(false)
      .describe('Whether this key may read and change profiles, and choose models.'),
    user_headers: z
      .boolean()
      .optional()
      .describe('Whether `profiles.user_headers` are believed when they come with this key.'),
  })
  .refine(({ key, sha256, key_file }) => [key, sha256, key_file].filter(Boolean).length === 1, {
    message: 'give exactly one of `key`, `sha256` and `key_file`',
  })

const server = z.strictObject({
  host: name.default('127.0.0.1').describe('Address to listen on. Anything but loopback needs `keys`.'),
  port: z.int().min(0).max(65535).default(8787).describe('TCP port; 0 takes any free one.'),
  allowed_hosts: z
    .array(name)
    .default([])
    .describe('Host header values accepted besides loopback names (protection against DNS rebinding).'),
  allowed_origins: z
    .array(z.string().regex(ORIGIN, 'expected an origin, such as http://localhost:3000'))
    .default([])
    .describe(
      'Origins whose pages and browser extensions may use `/v1`, such as `http://localhost:3000` or `app://obsidian.md`.',
    ),
  keys: z.array(apiKey).default([]).describe('API keys of clients. Without any, no key is asked for.'),
  body_limit_bytes: z.int().min(1024).default(4_194_304).describe('Largest request body.'),
  keep_alive_ms: milliseconds.default(15_000).describe('Silence after which a stream gets a comment line.'),
  drain_ms: milliseconds.default(20_000).describe('How long running answers may go on after SIGTERM.'),
  log_level: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('Least severe lines that are logged; none of them holds prompt, profile or answer.'),
})

const expert = z.strictObject({
  iterations: z.int().min(0).max(1000).default(20).describe('T.'),
  alpha: z.number().min(0).default(2).describe('Weight of how far the answer has moved already.'),
  beta: z.number().min(0).default(1).describe('Weight of the local difference.'),
  lambda: z.number().gt(0).default(2).describe('Pull towards the upstream.'),
  eta: z.number().gt(0).default(10).describe('Step size.'),
})

const steering = z
  .strictObject({
    strength: z
      .union([z.literal('auto'), z.number().min(0).max(20)])
      .default('auto')
      .describe('c_T, how much the profile counts; `auto` takes the tuned value of the model pair.'),
    preset: z.literal('paper').optional().describe("The paper's five parameters (strength 1.7833)."),
    expert: expert.optional().describe("The paper's five parameters, instead of `strength`."),
    fidelity: z
      .enum(['top-k', 'exact'])
      .default('top-k')
      .describe('`exact` asks again with a larger K while a token outside the candidates could win.'),
    gate: z
      .union([
        z.literal('off'),
        z.strictObject({
          epsilon: fraction.default(0.1).describe('Sure is a top probability above 1 - epsilon.'),
          consecutive: z.int().min(1).default(3).describe('For that many tokens in a row.'),
        }),
      ])
      .default('off')
      .describe('AdaCoSteer: stop steering once the upstream is sure for several tokens in a row.'),
    lookahead: z
      .union([z.enum(['auto', 'off']), z.int().min(1).max(64)])
      .default('auto')
      .describe(
        'Guess ahead: `off` asks token by token, a number caps the queries in flight; `auto` leaves it off for an embedded upstream, which has no round trip to hide, and while more than eight steered answers run.',
      ),
    drafts: z
      .enum(['public', 'private'])
      .default('public')
      .describe(
        'Whose guesses go upstream: `private` ones are faster at great strength and reveal a little.',
      ),
  })
  .refine((value) => [value.strength !== 'auto', value.preset, value.expert].filter(Boolean).length <= 1, {
    message: 'give only one of `strength`, `preset` and `expert`',
  })

const profiles = z.strictObject({
  folder: name
    .default('../profiles')
    .describe('Folder of profile files, relative to the configuration file.'),
  default: name.default('none').describe('Profile of callers that nothing else maps; `none` for no profile.'),
  users: z
    .record(z.string(), name)
    .default({})
    .describe("Maps the request's `user` field, or a header of `user_headers`, to a profile."),
  user_headers: z
    .array(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'expected the name of a header'))
    .max(8)
    .default([])
    .describe(
      'Headers in which a front end says who asks, such as `x-openwebui-user-id`; `users` maps them as it does `user`, which then counts no more. They need a key with `user_headers: true`, where there are keys.',
    ),
  allow_header: z
    .boolean()
    .default(true)
    .describe(
      'Whether a request may name a profile itself (x-costeer-profile header, costeer.profile field).',
    ),
  warm: z
    .boolean()
    .default(true)
    .describe(
      'Compute the K/V cache of profiles in idle moments, before they are asked for, where the local model is embedded: at start the default one, those of `users`, then others by their ids, four in all, in half of `local.cache_bytes`; later each that changes. Of the first and of those that change, with the past texts that likely questions get.',
    ),
  keep_read: z
    .boolean()
    .default(true)
    .describe(
      'Whether what `warm` has computed stays on disk, in `.read` below `folder`, so that a start need not compute it again. It is as private as the profiles; with `false`, or without `warm`, a start removes it.',
    ),
})

const guard = z.strictObject({
  messages: z
    .boolean()
    .default(true)
    .describe(
      'Whether aliases also stand for private values in what clients send; otherwise only in answers, and only for values that the client does not send.',
    ),
  patterns: z
    .boolean()
    .default(true)
    .describe(
      'Whether what has a pattern is private too, in profiles and in what clients send: addresses of e-mail, bank accounts, cards, national ids, telephone numbers. Otherwise only what profiles declare is.',
    ),
  leak_budget_bits: z
    .number()
    .gt(0)
    .optional()
    .describe(
      'Bits that the choice of tokens may tell about the profile, in each answer: the strength falls evenly to zero while they are spent. Without it, there is no limit.',
    ),
})

const budget = z.strictObject({
  max_cost_per_answer: z
    .number()
    .gt(0)
    .optional()
    .describe(
      'Most that one answer may cost, in the currency of `price`: near it fewer guesses are asked, then the answer goes on unsteered, and at it the answer ends with an error. Without it, there is no limit.',
    ),
  daily: z
    .number()
    .gt(0)
    .optional()
    .describe(
      'Most that the answers of a day (UTC) may cost, in the same way; from then on requests are refused. Without it, there is no limit.',
    ),
})

const memory = z.strictObject({
  budget: z
    .int()
    .min(0)
    .optional()
    .describe(
      "What all caches of K/V rows may take together, in bytes: those without a key of their own share it. Unless given, a quarter of the machine's or container's memory, at most 1 GiB.",
    ),
})

const models = z.strictObject({
  names: z
    .record(name, name)
    .default({})
    .describe('Model names that clients may send, each with the upstream it means.'),
  catch_all: name.optional().describe('The upstream for any other name; without it other names are a 404.'),
})

/** The whole configuration file, with what each key means; unknown keys are errors. */
export const configSchema = z
  .strictObject({
    server: server.prefault({}).describe('The HTTP side.'),
    local: localSchema.prefault({}).describe('The small model that sees the profile.'),
    upstreams: z.record(name, upstreamSchema).describe('The large models, under names of your choice.'),
    models: models.prefault({}).describe('What the model names of requests mean.'),
    steering: steering.prefault({}).describe('How a profile moves an answer.'),
    profiles: profiles.prefault({}).describe('Where profiles lie and who gets which.'),
    memory: memory.prefault({}).describe('What the models of this process keep in memory beside weights.'),
    budget: budget.prefault({}).describe('What answers of upstreams with a `price` may cost.'),
    guard: guard.prefault({}).describe('Private values of profiles, for which the upstream reads aliases.'),
  })
  .superRefine((config, context) => {
    const targets = [
      ...Object.entries(config.models.names).map(([alias, target]) => ({
        path: ['models', 'names', alias],
        target,
      })),
      { path: ['models', 'catch_all'], target: config.models.catch_all },
    ]
    for (const { path, target } of targets) {
      if (target === undefined || target in config.upstreams) continue
      context.addIssue({ code: 'custom', path, message: `there is no upstream named "${target}"` })
    }
  })

export type Config = z.infer<typeof configSchema>
