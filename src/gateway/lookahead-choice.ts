import type { Config } from '../config/schema.ts'
import { defaultLookahead, type LookaheadSettings } from '../steer/lookahead/lookahead-settings.ts'

/**
 * How far an answer may look ahead; null means token by token, which a request may always ask for. Unless asked for,
 * `auto` does not guess ahead of an embedded upstream: it runs on the same cores, which guesses would take from it.
 */
export function lookaheadSettings(
  { lookahead, drafts }: Config['steering'],
  { requested, embedded }: { requested: 'auto' | 'off' | undefined; embedded: boolean },
): LookaheadSettings | null {
  if (lookahead === 'off' || requested === 'off') return null
  if (embedded && lookahead === 'auto' && requested === undefined) return null
  return { ...defaultLookahead, drafts, ...(lookahead === 'auto' ? {} : { maxInFlight: lookahead }) }
}
