import { publicConversation } from '../../gateway/prompts/public-conversation.ts'
import { GatewayError } from '../../gateway-error.ts'
import { unguarded } from '../../guard/public.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { DatasetRow } from '../dataset/dataset-row.ts'
import type { NamedForm } from '../forms/private-form.ts'
import type { LabModels } from '../lab/lab-models.ts'
import { type ForcedText, type ForcedView, forceLocal, forceUpstream } from './forced-text.ts'
import type { ForcedTextStore } from './forced-text-store.ts'

/**
 * What all models say of a row's own text, at the upstream's candidates without the profile unless said
 * otherwise.
 */
export interface ForcedRow {
  readonly id: string
  readonly upstream: ForcedText
  readonly without: ForcedView
  /** By form. */
  readonly with: ReadonlyMap<string, ForcedView>
  /** The upstream with the profile in its prompt, at its own candidates; by form. */
  readonly ceilings: ReadonlyMap<string, ForcedText>
  /** Of the `with` prompt; by form. */
  readonly promptTokens: ReadonlyMap<string, number>
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

/**
 * Makes all models write what the row's user wrote. Rejects with GatewayError, `config_invalid` where the
 * local model has other tokens than the upstream.
 */
export async function forceRow(
  row: DatasetRow,
  { models, store, forms, ceilings, maxTokens, candidates, signal }: ForceRowOptions,
): Promise<ForcedRow> {
  const { opened, local, scorer } = models
  if (opened.alignment !== null) throw otherTokens(local.name)
  const conversation = publicConversation([{ role: 'user', content: row.query }])
  const text = opened.text.tokenizer.encode(row.reference).slice(0, maxTokens)
  const askUpstream = async (messages: readonly ChatMessage[]) => {
    const prompt = await opened.chatEncoding.encode(unguarded({ messages }), signal)
    return store.text([opened.upstream.model, prompt, text, candidates], () =>
      forceUpstream(opened.upstream, { prompt, text, candidates, signal }),
    )
  }
  const upstream = await askUpstream(conversation)
  const askLocal = (prompt: readonly TokenId[]) => {
    const key = [
      weightsOf(local),
      prompt,
      text,
      opened.upstream.model,
      Array.from(upstream.ids.subarray(0, 1000)),
    ]
    return store.view([...key, candidates], () =>
      forceLocal(scorer, { prompt, text, forced: upstream, signal }),
    )
  }
  const { tokenizer } = local.text
  const now = new Date(0)
  const bare = tokenizer.encodeChat(conversation, { now })
  const { contextTokens } = local.graph.shape
  const room = { tokenizer, contextTokens, maxTokens, publicTokens: bare.length }
  const rendered = (form: NamedForm) => form.messages(conversation, row.profile, room)
  const views = new Map<string, ForcedView>()
  const promptTokens = new Map<string, number>()
  for (const form of forms) {
    const prompt = tokenizer.encodeChat(rendered(form), { now })
    promptTokens.set(form.name, prompt.length)
    views.set(form.name, await askLocal(prompt))
  }
  const tops = new Map<string, ForcedText>()
  for (const form of ceilings) tops.set(form.name, await askUpstream(rendered(form)))
  const without = await askLocal(bare)
  return { id: row.id, upstream, without, with: views, ceilings: tops, promptTokens }
}

function otherTokens(local: string): GatewayError {
  const message = `Likelihoods are taken token by token, and ${local} has other tokens than the upstream. Take a local model with the same ones, or compare answers alone: --tokens 0 --answers COUNT.`
  return new GatewayError('config_invalid', message, { param: 'local.model' })
}

/** The model's name alone where it has 8 bits: what runs of before have kept is found. */
function weightsOf({ name, bits }: LabModels['local']): string {
  return bits === 4 ? `${name} in 4 bits` : name
}
