// This room owns the large models that answer: how each kind is configured, opened and asked, and what
// becomes of a request that fails. It knows nothing of profiles, of local prompts or of the clients' HTTP
// API.
import { z } from 'zod'
import { openChatPrefix } from './chat-prefix/open.ts'
import { openCompletions } from './completions/open.ts'
import { openEmbedded } from './embedded.ts'
import { openLlamaCpp } from './llama-cpp/open.ts'
import { openOllama } from './ollama/open.ts'
import { priceSetting } from './price.ts'
import {
  alignmentSetting,
  channelsSetting,
  type ReasoningField,
  refuseContradictions,
  remoteKind,
  thinkingSetting,
} from './remote-kind.ts'
import { openSglang } from './sglang/open.ts'
import { openVllm } from './vllm/open.ts'

const remoteKinds = {
  'llama-cpp': remoteKind({
    title: "llama.cpp's server.",
    candidates: 100,
    cheapCandidates: true,
    maxInFlight: "the server's slots, or 1 where it computes on a processor",
    servesChat: true,
    startCommand: ({ port }) => `llama-server -m MODEL.gguf -np 4 -c 16384 --port ${port}`,
    // Older versions list their models before one is loaded.
    healthPath: '/props',
    open: openLlamaCpp,
  }),
  vllm: remoteKind({
    title: "vLLM's server.",
    candidates: 100,
    cheapCandidates: true,
    // It schedules what fits its cache: on a GPU so many cost hardly more than one.
    maxInFlight: 16,
    servesChat: true,
    reasoningField: 'reasoning',
    startCommand: ({ port, model }) => `vllm serve ${model} --max-logprobs -1 --port ${port}`,
    healthPath: '/v1/models',
    open: openVllm,
  }),
  sglang: remoteKind({
    title: "SGLang's server.",
    candidates: 100,
    cheapCandidates: true,
    maxInFlight: 16,
    servesChat: true,
    startCommand: ({ port, model }) => `python -m sglang.launch_server --model-path ${model} --port ${port}`,
    healthPath: '/v1/models',
    open: openSglang,
  }),
  ollama: remoteKind({
    title: "Ollama's server.",
    candidates: 20,
    // What OLLAMA_NUM_PARALLEL is unless set, and no route tells.
    maxInFlight: 1,
    servesChat: true,
    reasoningField: 'reasoning',
    startCommand: ({ port }) => {
      const elsewhere = port === '11434' ? '' : `OLLAMA_HOST=127.0.0.1:${port} `
      return `${elsewhere}OLLAMA_NUM_PARALLEL=4 ollama serve`
    },
    healthPath: '/api/version',
    settings: {
      context_tokens: z
        .int()
        .min(1)
        .optional()
        .describe(
          'Window to load the model with (`num_ctx`), in tokens; unless given, the one that Ollama loads it with. Requests that are passed on have no such field, and load it with that again.',
        ),
      keep_alive: z
        .string()
        .min(1)
        .optional()
        .describe(
          'How long the model stays loaded after a request, such as `1h`; unless given, as Ollama says.',
        ),
    },
    open: (options, { context_tokens: contextTokens, keep_alive: keepAlive }) =>
      openOllama({
        ...options,
        ...(contextTokens !== undefined && { contextTokens }),
        ...(keepAlive !== undefined && { keepAlive }),
      }),
  }),
  'openai-completions': remoteKind({
    title:
      'Any server of the OpenAI completions API: prompts as text, or as token ids where it takes them, and no more candidates than it allows.',
    candidates: 20,
    maxInFlight: 4,
    servesChat: false,
    healthPath: '/v1/models',
    settings: {
      context_tokens: z
        .int()
        .min(1)
        .optional()
        .describe('Window of the model, in tokens; needed where the server does not tell.'),
    },
    open: (options, { context_tokens: contextTokens }) =>
      openCompletions({ ...options, ...(contextTokens !== undefined && { contextTokens }) }),
  }),
  'chat-prefix': remoteKind({
    title:
      "A service that knows conversations alone, and goes on with an assistant's message: DeepSeek's beta, some providers of OpenRouter, and any server with that in its chat route.",
    candidates: 20,
    maxInFlight: 4,
    servesChat: true,
    healthPath: '/v1/models',
    settings: {
      chat_path: z
        .string()
        .startsWith('/')
        .default('/v1/chat/completions')
        .describe('Route that continues answers; of DeepSeek `/beta/chat/completions`.'),
      request_fields: z
        .record(z.string(), z.unknown())
        .default({})
        .describe(
          'Further fields of every query, such as `thinking: { type: disabled }`, without which DeepSeek thinks first, or `provider: { require_parameters: true }` of OpenRouter.',
        ),
      tokens_per_query: z
        .int()
        .min(1)
        .max(64)
        .default(8)
        .describe(
          'Most tokens of one query about guesses that follow each other; 1 where it may bring one only.',
        ),
      context_tokens: z
        .int()
        .min(1)
        .optional()
        .describe('Window of the model, in tokens; needed where the service does not tell.'),
    },
    open: (options, own) =>
      openChatPrefix({
        ...options,
        chatPath: own.chat_path,
        requestFields: own.request_fields,
        tokensPerQuery: own.tokens_per_query,
        ...(own.context_tokens !== undefined && { contextTokens: own.context_tokens }),
      }),
  }),
}

/**
 * Every kind of upstream, a row each, in the order of the documentation. To add a kind, add its folder and
 * its row: configuration schema, documentation, doctor, init and gateway read this table.
 */
export const upstreamKinds = {
  embedded: {
    title: 'A model in this process.',
    settings: {
      model: z
        .string()
        .min(1)
        .default('smollm2-135m')
        .describe(
          'A name of the catalogue or of another model on this machine (see `costeer models`); or the path of a GGUF file or of a folder with safetensors, relative to the configuration file.',
        ),
      alignment: alignmentSetting,
      channels: channelsSetting,
      thinking: thinkingSetting,
      price: priceSetting,
      candidates: z.int().min(1).default(1000).describe('K: log-probabilities for each token.'),
      cache_bytes: z
        .int()
        .min(0)
        .optional()
        .describe(
          'Budget of the K/V rows of conversations that it has read before, in bytes; unless given, its share of `memory.budget`.',
        ),
      answer_tokens: z
        .int()
        .min(1)
        .optional()
        .describe(
          'Longest answer where a request sets no limit; unless given, a sixteenth of the window, since small models do not always find an end.',
        ),
    },
    open: openEmbedded,
  },
  ...remoteKinds,
}

type Rows = typeof upstreamKinds
type RowSchema<Kind extends string, Settings extends z.ZodRawShape> = z.ZodObject<
  { kind: z.ZodLiteral<Kind> } & Settings,
  z.core.$strict
>
type KindSchema = { [Kind in keyof Rows]: RowSchema<Kind, Rows[Kind]['settings']> }[keyof Rows]

const schemas = Object.entries(upstreamKinds).map(([kind, { title, settings }]) =>
  z.strictObject({ kind: z.literal(kind).describe(title), ...settings }),
) as unknown as [KindSchema, ...KindSchema[]]

/** One upstream of the configuration. */
export const upstreamSchema = z.discriminatedUnion('kind', schemas).superRefine((config, context) => {
  if (isRemote(config)) refuseContradictions(config, context)
})

export type UpstreamConfig = z.infer<typeof upstreamSchema>
export type UpstreamKind = UpstreamConfig['kind']
/** An upstream behind HTTP, on whatever machine. */
export type RemoteConfig = Extract<UpstreamConfig, { kind: keyof typeof remoteKinds }>
export type EmbeddedConfig = Exclude<UpstreamConfig, RemoteConfig>

/** Whether the model is behind HTTP, instead of in this process. */
export function isRemote(config: UpstreamConfig): config is RemoteConfig {
  return Object.hasOwn(remoteKinds, config.kind)
}

/** Where chat answers have what the model thought: as its server has it, so that clients need not care. */
export function reasoningField(config: UpstreamConfig): ReasoningField {
  return isRemote(config) ? remoteKinds[config.kind].reasoningField : 'reasoning_content'
}

/** Whether it has a chat route of its own, which knows its model's thoughts and tool calls. */
export function servesChat(config: UpstreamConfig): boolean {
  return isRemote(config) && remoteKinds[config.kind].servesChat
}
