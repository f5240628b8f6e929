import type { RecentRequestEntry } from '../../src/proxy/recent/requests-route.ts'
import { gatewayFetch } from './gateway-fetch.ts'

/** The last requests for answers, newest first: all of them, or those of the caller's own key. */
export async function listRequests(signal: AbortSignal): Promise<readonly RecentRequestEntry[]> {
  const response = await gatewayFetch('costeer/v1/requests', { signal })
  return ((await response.json()) as { data: RecentRequestEntry[] }).data
}
