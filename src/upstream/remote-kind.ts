import { z } from 'zod'
import type { ControlTokens } from '../slm/text/control-tokens.ts'
import { channelGrammar, channelGrammarNames } from '../steer/channels/channel-families.ts'
import type { Upstream } from '../steer/upstream.ts'
import { isLoopback } from './http/loopback.ts'
import { priceSetting } from './price.ts'
import type { TextUpstreamOptions } from './served/upstream-options.ts'

const name = z.string().min(1)
const milliseconds = z.int().min(0)
/** A processor of this machine reads some tens of tokens of a prompt in a second. */
const LOCAL_FIRST_BYTE_MS = 600_000
const FAR_FIRST_BYTE_MS = 300_000
const url = z.url({ protocol: /^https?$/ })

export const alignmentSetting = z
  .enum(['exact', 'map', 'bytes'])
  .default('exact')
  .describe(
    'What to do when the local model has another vocabulary: `exact` refuses, `map` steers the tokens that both have, `bytes` steers all by what they spell.',
  )

export const channelsSetting = z
  .string()
  .refine((value) => channelGrammar(value) !== null, {
    error: `expected one of ${channelGrammarNames.join(', ')}`,
  })
  .optional()
  .describe(
    'What the model writes its thoughts in, by the name of a family such as `qwen3`, or `plain` for none; unless given, its chat template and tokens tell.',
  )

export const thinkingSetting = z
  .enum(['auto', 'off'])
  .default('auto')
  .describe(
    'Whether the model thinks before it answers: `auto` leaves that to the model, `off` tells it not to, unless a request says otherwise.',
  )

/** The field of a message, and of its deltas, that holds thoughts: servers do not agree on its name. */
export type ReasoningField = 'reasoning' | 'reasoning_content'

/** All that a server can be opened with; most kinds need less. */
export interface RemoteOptions extends TextUpstreamOptions {
  readonly controlTokens: ControlTokens
  readonly candidates: number
}

/** The command that starts a server for a model, as it names models. */
type StartCommand = (server: { readonly port: string; readonly model: string }) => string

interface RemoteRow<Own extends z.ZodRawShape> {
  /** What the documentation says that it is, as a sentence. */
  readonly title: string
  /** The default of `candidates` (K), or its least where it is found at start. */
  readonly candidates: number
  /** Whether a larger K may cost little there, which the gateway finds at start. */
  readonly cheapCandidates?: boolean
  /** The default of `max_in_flight`; words where it depends on the server. */
  readonly maxInFlight: number | string
  /** Whether every such server has /v1/chat/completions. */
  readonly servesChat: boolean
  /** Where its chat answers have what the model thought. Default: `reasoning_content`. */
  readonly reasoningField?: ReasoningField
  /** What starts such a server. Missing: nobody knows. */
  readonly startCommand?: StartCommand
  /** A route that is cheap to answer, and refused while the server cannot answer. */
  readonly healthPath: string
  /** Settings that no other kind has. */
  readonly settings?: Own
  readonly open: (options: RemoteOptions, own: z.infer<z.ZodObject<Own>>) => Promise<Upstream>
}

/** A kind of server, with the settings that all servers have. */
export function remoteKind<Own extends z.ZodRawShape = Record<never, never>>({
  title,
  candidates,
  cheapCandidates = false,
  maxInFlight,
  servesChat,
  reasoningField = 'reasoning_content',
  startCommand,
  healthPath,
  settings: own = {} as Own,
  open,
}: RemoteRow<Own>) {
  return {
    title,
    servesChat,
    reasoningField,
    startCommand,
    healthPath,
    leastCandidates: candidates,
    settings: { ...remoteSettings(candidatesSetting(candidates, cheapCandidates), maxInFlight), ...own },
    /** `config` is of this kind: the table's rows have nothing else in common. */
    open: (options: RemoteOptions, config: object) => open(options, z.object(own).parse(config)),
  }
}

function remoteSettings(candidates: ReturnType<typeof candidatesSetting>, maxInFlight: number | string) {
  return {
    url: url.describe('Base address of the server, without /v1.'),
    replicas: z
      .array(url)
      .default([])
      .describe('Further servers of the same model: a conversation stays with one of them.'),
    model: name
      .optional()
      .describe("The model's name at the server; may be left out when it serves one only."),
    api_key_env: name.optional().describe('Environment variable that holds the bearer token.'),
    api_key_file: name
      .optional()
      .describe(
        'File that holds the bearer token, such as a mounted secret; relative to the configuration file.',
      ),
    alignment: alignmentSetting,
    tokenizer: name
      .optional()
      .describe(
        "Where the upstream's own tokens come from: a model on this machine, a GGUF file or a folder with tokenizer.json (relative to the configuration file). Its weights are not loaded. Needed with `alignment: map` or `bytes`; with `exact` it adds the marks that the local model lacks.",
      ),
    channels: channelsSetting,
    thinking: thinkingSetting,
    price: priceSetting,
    candidates,
    max_in_flight: inFlightSetting(maxInFlight),
    retries: z
      .int()
      .min(0)
      .max(10)
      .default(2)
      .describe('Further attempts at a request with a transient failure before its first token.'),
    connect_ms: milliseconds.default(5_000).describe('Longest wait for a connection.'),
    first_byte_ms: milliseconds
      .optional()
      .describe(
        `Longest wait for the first content of a reply, since a server reads the prompt before; unless given, ${LOCAL_FIRST_BYTE_MS} for servers on a loopback address and ${FAR_FIRST_BYTE_MS} for others.`,
      ),
    idle_ms: milliseconds
      .default(30_000)
      .describe('Longest silence inside a reply, once its first content has come.'),
  }
}

function candidatesSetting(least: number, isFound: boolean) {
  const meaning = 'K: log-probabilities asked for each token'
  return isFound
    ? z
        .int()
        .min(1)
        .optional()
        .describe(
          `${meaning}; unless given, as many from ${least} to 1000 as make a step at most a tenth slower, found at start.`,
        )
    : z.int().min(1).default(least).describe(`${meaning}.`)
}

function inFlightSetting(standard: number | string) {
  const queries = z.int().min(1)
  const meaning = 'Queries of one answer that may run at the server side by side'
  return typeof standard === 'number'
    ? queries.default(standard).describe(`${meaning}.`)
    : queries.optional().describe(`${meaning}; unless given, ${standard}.`)
}

type RemoteSettings = z.infer<z.ZodObject<ReturnType<typeof remoteSettings>>>

/** The longest wait for the first content of a reply of the server at `url`. */
export function firstByteMsOf(url: string, { first_byte_ms: given }: RemoteSettings): number {
  return given ?? (isLoopback(new URL(url).hostname) ? LOCAL_FIRST_BYTE_MS : FAR_FIRST_BYTE_MS)
}

/** What starts a server at `url`; null where it is on another machine, or nobody knows. */
export function startCommandOf(
  url: string,
  {
    startCommand,
    model = 'MODEL',
  }: { readonly startCommand: StartCommand | undefined; readonly model?: string | undefined },
): string | null {
  const { hostname, port } = new URL(url)
  if (startCommand === undefined || !isLoopback(hostname)) return null
  return startCommand({ port: port || '80', model })
}

/** Reports settings that contradict each other. */
export function refuseContradictions(
  { api_key_env: variable, api_key_file: file, alignment, tokenizer }: RemoteSettings,
  context: z.RefinementCtx,
): void {
  const refuse = (key: keyof RemoteSettings, message: string) =>
    context.addIssue({ code: 'custom', path: [key], message })
  if (variable && file) refuse('api_key_file', 'give only one of `api_key_env` and `api_key_file`')
  if (alignment !== 'exact' && tokenizer === undefined)
    refuse('tokenizer', `is needed with \`alignment: ${alignment}\`: name the upstream's own tokenizer`)
}
