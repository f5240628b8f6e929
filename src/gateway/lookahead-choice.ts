import type { Config } from '../config/schema.ts'
import { defaultLookahead, type LookaheadSettings } from '../steer/lookahead/lookahead-settings.ts'

/** How far an answer may look ahead; null means token by token. A request can choose that, but not more than configured. */
export function lookaheadSettings(
  { lookahead, drafts }: Config['steering'],
  requested: 'auto' | 'off' | undefined,
): LookaheadSettings | null {
  if (lookahead === 'off' || requested === 'off') return null
  return { ...defaultLookahead, drafts, ...(lookahead === 'auto' ? {} : { maxInFlight: lookahead }) }
}
