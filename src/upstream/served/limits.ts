import { GatewayError } from '../../gateway-error.ts'
import type { TokenId } from '../../steer/token-id.ts'

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

/**
 * Tokens of a window that the configuration or the server tells. Throws GatewayError `upstream_incapable`
 * where neither does.
 */
export function requireWindow(told: number | null | undefined, where: string): number {
  if (told !== null && told !== undefined) return told
  const message = `${where} does not tell its context length: set context_tokens for it.`
  throw new GatewayError('upstream_incapable', message)
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
