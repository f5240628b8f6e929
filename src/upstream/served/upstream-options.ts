import { GatewayError } from '../../gateway-error.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { TokenId } from '../../steer/token-id.ts'
import type { Vocabulary } from '../../steer/vocabulary.ts'
import type { EndpointOptions } from '../http/http-endpoint.ts'

/** What every kind of upstream behind HTTP is opened with. */
export interface UpstreamOptions extends EndpointOptions {
  /** The name under which the server serves its model; may be left out when it serves one only. */
  readonly model?: string
  /** The vocabulary that the local side uses; the server's is compared with it. */
  readonly vocabulary: Vocabulary
  /** The largest K that will be asked for; opening fails when the server answers fewer. */
  readonly candidates?: number
  /** Queries to keep under way side by side, at most what the server says itself; 1 where neither is known. */
  readonly maxInFlight?: number
  /** Breaks off opening. */
  readonly signal?: AbortSignal
}

/** For servers that render no conversations or take no token ids: the local side does it with the model's own files. */
export interface TextUpstreamOptions extends UpstreamOptions {
  readonly tokenizer: Tokenizer
}

/** Throws GatewayError `upstream_incapable` when more candidates are wanted than allowed. */
export function requireCandidates(
  wanted: number | undefined,
  { allowed, where, advice = '. Configure fewer' }: { allowed: number; where: string; advice?: string },
): void {
  if (wanted === undefined || wanted <= allowed) return
  throw new GatewayError(
    'upstream_incapable',
    `${where} returns at most ${allowed} candidates and ${wanted} are configured${advice}.`,
  )
}

/** Tokens that fit behind `prefix`. Throws GatewayError `context_length_exceeded` when none does. */
export function roomBehind(prefix: readonly TokenId[], contextTokens: number, where: string): number {
  const room = contextTokens - prefix.length
  if (room > 0) return room
  throw new GatewayError(
    'context_length_exceeded',
    `${where} holds ${contextTokens} tokens, prompt and answer together; the prompt has ${prefix.length}.`,
  )
}

/** The model's name among those served. Throws GatewayError `upstream_incapable`. */
export function servedModel(wanted: string | undefined, served: readonly string[], where: string): string {
  const only = served[0]
  if (wanted === undefined && only !== undefined) return only
  if (wanted !== undefined && served.includes(wanted)) return wanted
  throw new GatewayError(
    'upstream_incapable',
    `${where} serves ${served.map((name) => `"${name}"`).join(', ') || 'no model'}, not "${wanted ?? 'any'}". Correct the model's name.`,
  )
}
