// This room owns the making of one answer: its prompts, how it is decoded, and its text. It must not know
// files or HTTP.

import { randomInt } from 'node:crypto'
import { GatewayError } from '../../gateway-error.ts'
import { onBehalfOf } from '../../slm/encoding-thread/caller-queue.ts'
import { type DecodeCounters, newDecodeCounters } from '../../steer/decoding/decode-counters.ts'
import { withBans } from '../../steer/guard/banned-aliases.ts'
import { raisesTokens } from '../../steer/sampling/score-adjustments.ts'
import { guardedUpstream } from '../../upstream/wrappers/guarded-upstream.ts'
import { meteredUpstream } from '../../upstream/wrappers/metered-upstream.ts'
import { observeSent } from '../../upstream/wrappers/observed-upstream.ts'
import type { AnswerEvent, PreparedAnswer, SteeringState } from '../answer.ts'
import type { AnswerRequest } from '../answer-request.ts'
import { pairWithinBudget } from '../costs/pair-within-budget.ts'
import { withCost } from '../costs/with-cost.ts'
import { RestoredPieces } from '../guarding/restored-pieces.ts'
import { RestoredTokens } from '../guarding/restored-tokens.ts'
import type { SteeredPrompts } from '../prompts/steered-prompts.ts'
import { PublicAnswer } from '../tracing/public-answer.ts'
import { ReadingShare, withReading } from '../tracing/reading-share.ts'
import { SentRequests } from '../tracing/sent-requests.ts'
import { tracedAnswer } from '../tracing/traced-answer.ts'
import { withViews } from '../tracing/with-views.ts'
import type { AnswerParts } from './answer-parts.ts'
import { ChannelPieces, chosenChannels, PlainPieces } from './answer-pieces.ts'
import { answerText } from './answer-text.ts'
import { decodeChoice } from './decode-choice.ts'
import { type EncodedPrompts, encodePrompts, type GuardedAnswer, hidesItsAnswer } from './encode-prompts.ts'

/**
 * Renders and checks the prompts of an answer; its tokens are computed when its choices are read.
 * Rejects with `context_length_exceeded` when prompt, or prompt and wanted answer, exceed a model's window.
 */
export async function prepareAnswer(request: AnswerRequest, open: AnswerParts): Promise<PreparedAnswer> {
  const { upstream } = open
  const asked = new SentRequests(performance, upstream.vocabulary)
  const { apiKey, user } = request.caller
  const encode = () => onBehalfOf(apiKey ?? user ?? '', () => encodePrompts(request, open))
  // Once anybody has listened, each promise of the process costs more
  const encoded = await (request.trace ? observeSent(asked.add, encode) : encode())
  const { prompt, steered, guarded } = encoded
  const parts = guarded === null ? open : { ...open, upstream: guardedUpstream(upstream, guarded.decode) }
  // A function of public numbers alone, since it goes upstream whenever an answer runs unsteered.
  const maxTokens = Math.min(
    request.maxTokens ?? open.defaultMaxTokens,
    upstream.limits.contextTokens - prompt.length,
  )
  open.cost?.begin({ promptTokens: prompt.length, maxTokens })
  const seed = request.sampling.seed ?? randomInt(2 ** 31)
  return {
    steering: steeringState(request, parts, steered),
    promptTokens: prompt.length,
    choices: Array.from({ length: request.choices }, (_, index) =>
      choice(request, adjustedParts(request, parts), {
        ...encoded,
        maxTokens,
        seed: seed + index,
        // What preparing them all has sent is told once
        sent: index === 0 ? asked : new SentRequests(performance, upstream.vocabulary),
      }),
    ),
  }
}

/**
 * A token that a client raises may be any, so that all of them are asked for: a number that no profile
 * changes.
 */
function adjustedParts({ sampling: { adjustments } }: AnswerRequest, parts: AnswerParts): AnswerParts {
  if (adjustments === undefined) return parts
  const { vocabulary, limits } = parts.upstream
  for (const token of adjustments.bias.keys()) {
    if (token < vocabulary.size) continue
    const message = `logit_bias names the token ${token}, and the vocabulary ends at ${vocabulary.size - 1}.`
    throw new GatewayError('invalid_request', message, { param: 'logit_bias' })
  }
  if (!raisesTokens(adjustments)) return parts
  return { ...parts, steering: { ...parts.steering, candidates: limits.maxCandidates } }
}

interface ChoicePrompts extends EncodedPrompts {
  readonly maxTokens: number
  readonly seed: number
  readonly sent: SentRequests
}

interface ToldWhileDecoding {
  readonly counters: DecodeCounters
  readonly onRead: ((share: number) => void) | undefined
}

function choice(
  request: AnswerRequest,
  parts: AnswerParts,
  prompts: ChoicePrompts,
): AsyncIterable<AnswerEvent> {
  const counters = newDecodeCounters()
  const metered = meteredParts(parts)
  const { trace } = request
  const events = (own: AnswerParts, onRead?: (share: number) => void) =>
    withCost(choiceEvents(request, own, { ...prompts, counters, onRead }), own.cost, { isTold: trace })
  if (!trace) return events(metered)
  const reading = new ReadingShare()
  const traced = tracedAnswer(
    { upstream: metered.upstream, clock: performance, sent: prompts.sent },
    (upstream) => events({ ...metered, upstream }, reading.note),
  )
  return withReading(traced, reading)
}

/** The parts of one choice, whose queries count towards the answer's cost. */
function meteredParts({ cost, ...parts }: AnswerParts): AnswerParts {
  if (cost === null) return { cost, ...parts }
  const { upstream, local } = parts
  const pair = pairWithinBudget(local.pair, cost)
  return { ...parts, cost, upstream: meteredUpstream(upstream, cost), local: { ...local, pair } }
}

function choiceEvents(
  request: AnswerRequest,
  { upstream, local, steering, lookahead, onLookaheadEnd, onFinish, ...parts }: AnswerParts,
  { prompt, steered, guarded, maxTokens, seed, counters, onRead }: ChoicePrompts & ToldWhileDecoding,
): AsyncIterable<AnswerEvent> {
  const masked = guarded?.masked ?? request.prompt
  // A raw prompt is continued as it is
  const chosen = masked.type === 'chat' ? chosenChannels(parts.channels, masked.tools) : null
  const decoded = decodeChoice(
    {
      upstream,
      prompt,
      steering,
      sampling: { ...request.sampling, seed },
      alternatives: request.topLogprobs ?? 0,
      channels: chosen?.channels ?? null,
      guard: guarded && withBans(guarded.decode, request.sampling.adjustments),
      endTokens: upstream.vocabulary.endTokens,
      maxTokens,
      clock: performance,
      trace: request.trace,
      counters,
      signal: request.signal,
    },
    {
      steered: steered === null ? null : { pair: local.pair, prompts: steered, onRead },
      lookahead,
      onLookaheadEnd,
      onFinish,
    },
  )
  const pieces = () =>
    chosen === null
      ? new PlainPieces(upstream.vocabulary)
      : new ChannelPieces(chosen, chosen.channels.begin(prompt))
  const answer =
    guarded === null || !request.trace ? null : new PublicAnswer({ prompt, guard: guarded.decode, pieces })
  const reportTokens = request.topLogprobs !== undefined
  const restored = (own: GuardedAnswer) =>
    new RestoredPieces(pieces(), own.guard, reportTokens ? new RestoredTokens(own) : null)
  const events = answerText(answer?.follow(decoded) ?? decoded, {
    pieces: guarded === null ? pieces() : restored(guarded),
    vocabulary: upstream.vocabulary,
    stop: request.stop,
    reportTokens,
  })
  if (!request.trace) return events
  const viewed = guarded && answer && { ...guarded, answer }
  return withViews(events, { prompt: request.prompt, guarded: viewed, counters })
}

function steeringState(
  { prompt }: AnswerRequest,
  parts: AnswerParts,
  steered: SteeredPrompts | null,
): SteeringState {
  const { profile, steering } = parts
  if (profile !== null && steering.strength > 0 && hidesItsAnswer(prompt, parts))
    return { state: 'bypassed', reason: 'unknown-thinking' }
  if (profile !== null && steered === null && parts.cost?.endsSteering === true)
    return { state: 'off', reason: 'budget' }
  if (profile === null) return { state: 'off' }
  return steered === null ? { state: 'off', reason: 'no-strength' } : { state: 'on', profile: profile.id }
}
