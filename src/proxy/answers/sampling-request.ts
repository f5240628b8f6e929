import type { SamplingRequest } from '../../gateway/answer-request.ts'
import type { ScoreAdjustments } from '../../steer/sampling/score-adjustments.ts'
import { tokenId } from '../../steer/token-id.ts'
import type { WireSampling } from './wire/sampling-schema.ts'
import type { CosteerOverrides } from './wire/steering-schema.ts'

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
    ...(seed == null ? {} : { seed }),
  }
}

/** Null when the request asks for none: only then may an upstream stream by itself. */
export function scoreAdjustments(body: WireSampling): ScoreAdjustments | null {
  const presencePenalty = body.presence_penalty ?? 0
  const frequencyPenalty = body.frequency_penalty ?? 0
  const bias = new Map(
    Object.entries(body.logit_bias ?? {}).flatMap(([id, value]) =>
      value === 0 ? [] : [[tokenId(Number(id)), value] as const],
    ),
  )
  if (presencePenalty === 0 && frequencyPenalty === 0 && bias.size === 0) return null
  return { bias, presencePenalty, frequencyPenalty }
}

export function stopStrings({ stop }: WireSampling): readonly string[] {
  return typeof stop === 'string' ? [stop] : (stop ?? [])
}
