import type { RecentRequestEntry } from '../../src/proxy/recent/requests-route.ts'
import { seconds, t } from '../texts/texts.ts'

export interface Verdict {
  readonly kind: 'steered' | 'unsteered' | 'failed'
  /** A few words. */
  readonly label: string
  /** Why it was not steered, and what to do about it; null for an answer that was. */
  readonly why: string | null
}

/** What became of a request, for somebody who wonders why their client is not steered. */
export function verdictOf(entry: RecentRequestEntry, nameOf: (profile: string) => string): Verdict {
  const texts = t().requests
  const { steering, status, error, profile } = entry
  if (error !== null) {
    const isBroken = status < 400
    return { kind: 'failed', label: isBroken ? texts.brokeOff : texts.refused(status), why: error.message }
  }
  if (steering === 'on') {
    return {
      kind: 'steered',
      label: profile === null ? texts.steered : texts.steeredAs(nameOf(profile)),
      why: null,
    }
  }
  if (status >= 400) {
    return { kind: 'failed', label: texts.refused(status), why: texts.serverRefused }
  }
  return { kind: 'unsteered', label: texts.notSteered, why: whyUnsteered(entry) }
}

function whyUnsteered({ steering, reason }: RecentRequestEntry): string {
  const texts = t().requests
  switch (reason) {
    case 'no-profile':
      return texts.noProfile
    case 'declined':
      return texts.declined
    case 'no-strength':
      return texts.noStrength
    case 'budget':
      return texts.budget
    case 'route':
      return texts.route
    case 'unknown-thinking':
      return texts.unknownThinking
    default:
      return steering === 'bypassed' && reason !== null ? texts.asksFor(reason) : texts.unknown
  }
}

/** A client's name without what follows it: browsers call themselves many things. */
export function shortClient(client: string): string {
  if (client === '') return t().requests.nameless
  if (client.startsWith('Mozilla/')) return t().requests.browser
  return client.split(/ [(;]| \S+\//)[0]?.slice(0, 40) ?? client
}

/** Times, tokens and cost, as far as they are known. */
export function figuresOf(entry: RecentRequestEntry): string {
  const { firstTextMs, durationMs, completionTokens, cost } = entry
  const texts = t().requests
  const parts = [
    firstTextMs === null ? null : texts.firstAfter(seconds(firstTextMs)),
    completionTokens === null || completionTokens === 0 ? null : texts.tokens(completionTokens),
    texts.inAll(seconds(durationMs)),
    cost === null ? null : texts.cost(Number(cost.toPrecision(3))),
  ]
  return parts.filter((part) => part !== null).join(' · ')
}
