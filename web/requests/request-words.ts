import type { RecentRequestEntry } from '../../src/proxy/recent/requests-route.ts'

export interface Verdict {
  readonly kind: 'steered' | 'unsteered' | 'failed'
  /** A few words. */
  readonly label: string
  /** Why it was not steered, and what to do about it; null for an answer that was. */
  readonly why: string | null
}

/** What became of a request, for somebody who wonders why their client is not steered. */
export function verdictOf(entry: RecentRequestEntry, nameOf: (profile: string) => string): Verdict {
  const { steering, status, error, profile } = entry
  if (error !== null) {
    const isBroken = status < 400
    return { kind: 'failed', label: isBroken ? 'broke off' : `refused (${status})`, why: error.message }
  }
  if (steering === 'on') {
    return {
      kind: 'steered',
      label: profile === null ? 'steered' : `steered as ${nameOf(profile)}`,
      why: null,
    }
  }
  if (status >= 400) {
    return { kind: 'failed', label: `refused (${status})`, why: 'The server refused it, in its own words.' }
  }
  return { kind: 'unsteered', label: 'not steered', why: whyUnsteered(entry) }
}

function whyUnsteered({ steering, reason }: RecentRequestEntry): string {
  switch (reason) {
    case 'no-profile':
      return 'The request names no profile, and none belongs to its key or user. Set profiles.default in the configuration, or have the client send the header x-costeer-profile.'
    case 'declined':
      return 'The request asked for no profile (“none”).'
    case 'no-strength':
      return 'The strength was 0, at which the profile does not count.'
    case 'budget':
      return 'Its budget was spent, so that the large model answered alone.'
    case 'route':
      return 'This route has no steered answers: the request went to the server as it came.'
    case 'unknown-thinking':
      return 'The model thinks before it answers in a way that the gateway cannot tell from the answer.'
    default:
      return steering === 'bypassed' && reason !== null
        ? `It asks for ${reason}, which steering cannot do, so that the server answered alone. Leave that out in the client.`
        : 'Nothing says why.'
  }
}

/** A client's name without what follows it: browsers call themselves many things. */
export function shortClient(client: string): string {
  if (client === '') return 'a client without a name'
  if (client.startsWith('Mozilla/')) return 'a browser'
  return client.split(/ [(;]| \S+\//)[0]?.slice(0, 40) ?? client
}

/** Times, tokens and cost, as far as they are known. */
export function figuresOf(entry: RecentRequestEntry): string {
  const { firstTextMs, durationMs, completionTokens, cost } = entry
  const parts = [
    firstTextMs === null ? null : `first word after ${seconds(firstTextMs)}`,
    completionTokens === null || completionTokens === 0 ? null : `${completionTokens} tokens`,
    `${seconds(durationMs)} in all`,
    cost === null ? null : `cost ${Number(cost.toPrecision(3))}`,
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
