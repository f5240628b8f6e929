import { z } from '@hono/zod-openapi'
import type { SamplingRequest } from '../../../gateway/answer-request.ts'
import { raisesTokens, type ScoreAdjustments } from '../../../steer/sampling/score-adjustments.ts'
import { tokenId } from '../../../steer/token-id.ts'
import { honoured, type ValueTest } from './field-table.ts'
import { drawSeed, seedSchema } from './seed.ts'
import type { CosteerOverrides } from './steering-fields.ts'

const penalty = z.number().min(-2).max(2)
const PENALTY = '-2 to 2; taken from tokens that the answer already holds,'

/** Fields that decide how tokens are picked, with OpenAI's ranges. */
export const samplingFields = {
  temperature: honoured(z.number().min(0).max(2), { values: '0 to 2; 0 is greedy', default: '1' }),
  top_p: honoured(z.number().min(0).max(1), {
    values: '0 to 1; 0 keeps the best token only',
    default: '1',
  }),
  top_k: honoured(z.int().min(-1), { values: 'extension; -1 and 0 mean no limit', default: '0' }),
  min_p: honoured(z.number().min(0).max(1), {
    values: "extension, 0 to 1: drops tokens below this share of the likeliest one's probability",
    default: '0',
  }),
  seed: honoured(seedSchema, {
    values: 'a signed 64-bit integer; the same seed gives the same answer',
    default: 'drawn',
  }),
  presence_penalty: honoured(penalty, {
    values: `${PENALTY} once`,
    default: '0',
    unless: needsEveryToken((presencePenalty) => ({ presencePenalty })),
  }),
  frequency_penalty: honoured(penalty, {
    values: `${PENALTY} for each time`,
    default: '0',
    unless: needsEveryToken((frequencyPenalty) => ({ frequencyPenalty })),
  }),
  logit_bias: honoured(
    z
      .record(z.string().regex(/^\d{1,9}$/, 'expected token ids as keys'), z.number().min(-100).max(100))
      .refine((bias) => Object.keys(bias).length <= 1024, 'expected at most 1024 tokens'),
    {
      values: 'up to 1,024 token ids with nats to add, -100 (a ban) to 100 (always)',
      default: '`{}`',
      unless: needsEveryToken((bias) => ({ bias: biasOf(bias) })),
    },
  ),
}

const noAdjustments: ScoreAdjustments = { bias: new Map(), presencePenalty: 0, frequencyPenalty: 0 }

/**
 * A token that is raised may be any: only an upstream that tells all their log-probabilities can bring it in.
 */
function needsEveryToken<Value>(adjusted: (value: Value) => Partial<ScoreAdjustments>): ValueTest<Value> {
  return (value, { upstream }) =>
    raisesTokens({ ...noAdjustments, ...adjusted(value) }) && !upstream().tellsEveryToken
}

export type WireSampling = {
  readonly [Field in keyof typeof samplingFields]?: z.infer<(typeof samplingFields)[Field]['schema']>
}

/** How the gateway is to pick tokens. */
export function samplingRequest(
  body: WireSampling & { readonly costeer?: CosteerOverrides | null | undefined },
): SamplingRequest {
  const seed = body.costeer?.seed ?? body.seed
  const adjustments = scoreAdjustments(body)
  return {
    temperature: body.temperature ?? 1,
    // The gateway's range excludes 0, which clients send to mean "the best token only".
    topP: Math.max(body.top_p ?? 1, Number.EPSILON),
    topK: Math.max(body.top_k ?? 0, 0),
    ...(body.min_p ? { minP: body.min_p } : {}),
    ...(adjustments === null ? {} : { adjustments }),
    ...(seed == null ? {} : { seed: drawSeed(seed) }),
  }
}

/** Null when the request asks for none: only then may an upstream stream by itself. */
function scoreAdjustments(body: WireSampling): ScoreAdjustments | null {
  const presencePenalty = body.presence_penalty ?? 0
  const frequencyPenalty = body.frequency_penalty ?? 0
  const bias = biasOf(body.logit_bias ?? {})
  if (presencePenalty === 0 && frequencyPenalty === 0 && bias.size === 0) return null
  return { bias, presencePenalty, frequencyPenalty }
}

function biasOf(bias: Readonly<Record<string, number>>): ScoreAdjustments['bias'] {
  const entries = Object.entries(bias).filter(([, nats]) => nats !== 0)
  return new Map(entries.map(([id, nats]) => [tokenId(Number(id)), nats]))
}
