import { PlainPieces } from '../../gateway/answering/answer-pieces.ts'
import { answerText } from '../../gateway/answering/answer-text.ts'
import { decodeChoice } from '../../gateway/answering/decode-choice.ts'
import { publicTokens } from '../../gateway/answering/encode-prompts.ts'
import { lookaheadPolicy } from '../../gateway/answering/lookahead-policy.ts'
import { answerGuard } from '../../gateway/guarding/answer-guard.ts'
import { RestoredPieces } from '../../gateway/guarding/restored-pieces.ts'
import { publicConversation } from '../../gateway/prompts/public-conversation.ts'
import type { Guard } from '../../guard/guard.ts'
import { guarded, unguarded } from '../../guard/public.ts'
import type { Profile } from '../../profiles/profile.ts'
import { runWhole } from '../../sliced-work.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'
import { newDecodeCounters } from '../../steer/decoding/decode-counters.ts'
import type { DecodeGuard } from '../../steer/guard/decode-guard.ts'
import type { PublicTokens } from '../../steer/guard/public-tokens.ts'
import type { GateSettings } from '../../steer/strength/gate.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Upstream } from '../../steer/upstream.ts'
import { guardedUpstream } from '../../upstream/wrappers/guarded-upstream.ts'
import type { DatasetRow } from '../dataset/dataset-row.ts'
import { privateForm } from '../forms/private-form.ts'
import type { LabModels } from '../lab/lab-models.ts'
import { type System, systemName } from '../lab/system.ts'
import type { AnswerRecord } from './answer-record.ts'

export interface AnswerOptions {
  readonly models: LabModels
  readonly maxTokens: number
  readonly temperature: number
  readonly seed: number
  /** Of `adacosteer`. */
  readonly gate: GateSettings
  readonly signal: AbortSignal
}

interface Prompts {
  readonly upstream: Upstream
  readonly prompt: PublicTokens
  readonly steered: { readonly with: readonly TokenId[]; readonly without: readonly TokenId[] } | null
  /** Of a steered answer to somebody who declares private values. */
  readonly guard?: { readonly values: Guard; readonly decode: DecodeGuard }
}

/** Aliases that are the same in every run. */
const aliasSecret = new Uint8Array(32)

/** Has a system answer a row's request, decoded as the gateway does. Rejects with GatewayError. */
export async function generateAnswer(
  row: DatasetRow,
  system: System,
  options: AnswerOptions,
): Promise<AnswerRecord> {
  const { models, maxTokens, temperature, seed, gate, signal } = options
  const { opened } = models
  const { upstream, prompt, steered, guard } = await promptsOf(row, system, options)
  const isSteering = system.kind === 'costeer' || system.kind === 'adacosteer'
  const counters = newDecodeCounters()
  const began = performance.now()
  const decoded = decodeChoice(
    {
      upstream,
      prompt,
      steering: {
        strength: isSteering ? system.strength : 0,
        candidates: Math.min(isSteering ? system.candidates : 20, upstream.limits.maxCandidates),
        fidelity: 'top-k',
        gate: system.kind === 'adacosteer' ? gate : null,
        onLocalFailure: 'fail',
      },
      sampling: { temperature, topP: 1, topK: 0, seed },
      alternatives: 0,
      channels: null,
      guard: guard?.decode ?? null,
      endTokens: upstream.vocabulary.endTokens,
      maxTokens: Math.min(maxTokens, upstream.limits.contextTokens - prompt.length),
      clock: performance,
      trace: false,
      counters,
      signal,
    },
    {
      steered: steered === null ? null : { pair: opened.pair, prompts: steered },
      lookahead: () =>
        lookaheadPolicy(models.steering, {
          requested: undefined,
          embedded: opened.config.kind === 'embedded',
          answers: 1,
          throttle: opened.throttle.recall(),
        }),
      onLookaheadEnd: (throttle) => opened.throttle.note(throttle),
      onFinish: () => {},
    },
  )
  const pieces = new PlainPieces(upstream.vocabulary)
  const { text, ...end } = await readAnswer(
    answerText(decoded, {
      pieces: guard === undefined ? pieces : new RestoredPieces(pieces, guard.values),
      vocabulary: upstream.vocabulary,
      stop: [],
      reportTokens: false,
    }),
    began,
  )
  const { acceptedGuesses, rejectedGuesses } = counters
  return { row: row.id, system: systemName(system), text, ...end, acceptedGuesses, rejectedGuesses }
}

async function promptsOf(row: DatasetRow, system: System, options: AnswerOptions): Promise<Prompts> {
  const { models, maxTokens, signal } = options
  const { opened, local } = models
  const { tokenizer } = local.text
  const conversation = publicConversation([{ role: 'user', content: row.query }])
  const now = new Date()
  const without = tokenizer.encodeChat(conversation, { now })
  const { contextTokens } = opened.pair
  const room = { tokenizer, contextTokens, maxTokens, publicTokens: without.length }
  const privately = (form: string) => privateForm(form).messages(conversation, row.profile, room)
  switch (system.kind) {
    case 'local-without':
      return { upstream: models.localUpstream, prompt: unguarded(without), steered: null }
    case 'local-with': {
      const prompt = tokenizer.encodeChat(privately(system.form), { now })
      return { upstream: models.localUpstream, prompt: unguarded(prompt), steered: null }
    }
    case 'upstream-with-profile': {
      const chat = unguarded({ messages: privately(system.form) })
      const prompt = unguarded(await opened.chatEncoding.encode(chat, signal))
      return { upstream: opened.upstream, prompt, steered: null }
    }
    case 'upstream': {
      const chat = unguarded({ messages: conversation })
      const prompt = unguarded(await opened.chatEncoding.encode(chat, signal))
      return { upstream: opened.upstream, prompt, steered: null }
    }
    default: {
      const steered = { with: tokenizer.encodeChat(privately(system.form), { now }), without }
      return { ...(await publicPrompt(conversation, row.profile, options)), steered }
    }
  }
}

/** What the upstream reads of a steered answer, with aliases for what the row's profile declares. */
async function publicPrompt(
  messages: readonly ChatMessage[],
  profile: Profile,
  { models: { opened }, signal }: AnswerOptions,
): Promise<Omit<Prompts, 'steered'>> {
  const { upstream, chatEncoding, text } = opened
  const guarding = { secret: aliasSecret, messages: true, patterns: true }
  const answering = runWhole(answerGuard({ type: 'chat', messages }, '', { profile, guarding }))
  if (answering === null) {
    const chat = unguarded({ messages })
    return { upstream, prompt: unguarded(await chatEncoding.encode(chat, signal)) }
  }
  const chat = runWhole(guarded({ messages: answering.masked.messages }, answering.guard))
  const encoded = await chatEncoding.encode(chat, signal)
  const { prompt, decode } = runWhole(publicTokens(encoded, answering, text))
  const guard = { values: answering.guard, decode }
  return { upstream: guardedUpstream(upstream, decode), prompt, guard }
}

async function readAnswer(
  events: ReturnType<typeof answerText>,
  began: number,
): Promise<Pick<AnswerRecord, 'text' | 'tokens' | 'finishReason' | 'firstTokenMs' | 'totalMs'>> {
  let text = ''
  let firstTokenMs: number | null = null
  for await (const event of events) {
    firstTokenMs ??= performance.now() - began
    if (event.type === 'text-delta') text += event.text
    if (event.type !== 'answer-end') continue
    const { completionTokens: tokens } = event
    const finishReason = event.finishReason === 'length' ? 'length' : 'stop'
    return { text, tokens, finishReason, firstTokenMs, totalMs: performance.now() - began }
  }
  throw new Error('an answer without an end')
}
