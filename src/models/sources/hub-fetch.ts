import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici'

const CONNECT_MS = 5000
const FIRST_BYTE_MS = 15_000
const IDLE_MS = 30_000

/**
 * A `fetch` for the hub library with short timeouts, proxy variables and an own abort signal. Close it after
 * use.
 */
export interface HubFetch {
  readonly fetch: typeof fetch
  close(): Promise<void>
}

export function createHubFetch(signal?: AbortSignal): HubFetch {
  const agent = new EnvHttpProxyAgent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: FIRST_BYTE_MS,
    bodyTimeout: IDLE_MS,
  })
  const withAgent = (input: string | URL, init: object = {}) =>
    undiciFetch(input, { ...init, dispatcher: agent, ...(signal && { signal }) })
  return {
    // Same standard, but the types of undici and of Node's built-in copy of it are not assignable
    fetch: withAgent as unknown as typeof fetch,
    close: () => agent.destroy(),
  }
}
