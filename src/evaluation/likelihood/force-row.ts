import { publicConversation } from '../../gateway/prompts/public-conversation.ts'
import { unguarded } from '../../guard/public.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { DatasetRow } from '../dataset/dataset-row.ts'
import type { NamedForm } from '../forms/private-form.ts'
import type { LabModels } from '../lab/lab-models.ts'
import { forceDeltas } from './forced-deltas.ts'
import { type ForcedText, type ForcedView, forceLocal, forceUpstream } from './forced-text.ts'
import type { ForcedTextStore } from './forced-text-store.ts'

/**
 * What all models say of a row's own text, at the upstream's candidates without the profile unless said
 * otherwise.
 */
export interface ForcedRow {
  readonly id: string
  readonly upstream: ForcedText
  readonly local: ForcedLocal
  /** The upstream with the profile in its prompt, at its own candidates; by form. */
  readonly ceilings: ReadonlyMap<string, ForcedText>
  /** Of the `with` prompt; by form. */
  readonly promptTokens: ReadonlyMap<string, number>
}

/** Of a local model with the upstream's tokens all is known; of another one what it changes. */
type ForcedLocal =
  | {
      readonly without: ForcedView
      /** By form. */
      readonly with: ReadonlyMap<string, ForcedView>
    }
  | {
      /** By form, as `forceDeltas` has them. */
      readonly deltas: ReadonlyMap<string, Float32Array>
    }

export interface ForceRowOptions {
  readonly models: LabModels
  readonly store: ForcedTextStore
  readonly forms: readonly NamedForm[]
  /** Forms in which the upstream gets the profile. */
  readonly ceilings: readonly NamedForm[]
  /** Tokens of the text that count, from its beginning. */
  readonly maxTokens: number
  /** K */
  readonly candidates: number
  readonly signal: AbortSignal
}

/** Makes all models write what the row's user wrote. Rejects with GatewayError. */
export async function forceRow(
  row: DatasetRow,
  { models, store, forms, ceilings, maxTokens, candidates, signal }: ForceRowOptions,
): Promise<ForcedRow> {
  const { opened, local } = models
  const conversation = publicConversation([{ role: 'user', content: row.query }])
  const text = opened.text.tokenizer.encode(row.reference).slice(0, maxTokens)
  const askUpstream = async (messages: readonly ChatMessage[]) => {
    const prompt = await opened.chatEncoding.encode(unguarded({ messages }), signal)
    return store.text([opened.upstream.model, prompt, text, candidates], () =>
      forceUpstream(opened.upstream, { prompt, text, candidates, signal }),
    )
  }
  const upstream = await askUpstream(conversation)
  const { tokenizer } = local.text
  const now = new Date(0)
  const without = tokenizer.encodeChat(conversation, { now })
  const { contextTokens } = local.graph.shape
  const room = { tokenizer, contextTokens, maxTokens, publicTokens: without.length }
  const rendered = (form: NamedForm) => form.messages(conversation, row.profile, room)
  const prompts = new Map(
    forms.map((form) => [form.name, tokenizer.encodeChat(rendered(form), { now })] as const),
  )
  const tops = new Map<string, ForcedText>()
  for (const form of ceilings) tops.set(form.name, await askUpstream(rendered(form)))
  return {
    id: row.id,
    upstream,
    local: await forcedLocal({ with: prompts, without }, { models, store, text, upstream, signal }),
    ceilings: tops,
    promptTokens: new Map([...prompts].map(([form, prompt]) => [form, prompt.length])),
  }
}

interface ForcingLocal extends Pick<ForceRowOptions, 'models' | 'store' | 'signal'> {
  readonly text: readonly TokenId[]
  readonly upstream: ForcedText
}

async function forcedLocal(
  prompts: { readonly with: ReadonlyMap<string, readonly TokenId[]>; readonly without: readonly TokenId[] },
  { models, store, text, upstream, signal }: ForcingLocal,
): Promise<ForcedLocal> {
  const { opened, local, scorer } = models
  const { candidates } = upstream
  const keyOf = (prompt: readonly TokenId[]) => [
    weightsOf(local),
    prompt,
    text,
    opened.upstream.model,
    Array.from(upstream.ids.subarray(0, 1000)),
  ]
  if (opened.alignment === null) {
    const ask = (prompt: readonly TokenId[]) =>
      store.view([...keyOf(prompt), candidates], () =>
        forceLocal(scorer, { prompt, text, forced: upstream, signal }),
      )
    return { with: await eachOf(prompts.with, ask), without: await ask(prompts.without) }
  }
  const { pair, strength } = opened
  const { without } = prompts
  const ask = (prompt: readonly TokenId[]) =>
    store.deltas(['deltas', without, strength, ...keyOf(prompt), candidates], () =>
      forceDeltas(pair, { with: prompt, without, text, forced: upstream, strength, signal }),
    )
  return { deltas: await eachOf(prompts.with, ask) }
}

/** One after the other, since they share the local model. */
async function eachOf<Key, Value, Result>(
  values: ReadonlyMap<Key, Value>,
  work: (value: Value) => Promise<Result>,
): Promise<Map<Key, Result>> {
  const results = new Map<Key, Result>()
  for (const [key, value] of values) results.set(key, await work(value))
  return results
}

/** The model's name alone where it has 8 bits: what runs of before have kept is found. */
function weightsOf({ name, bits }: LabModels['local']): string {
  return bits === 4 ? `${name} in 4 bits` : name
}
