// This room owns how a command reaches a gateway: one that runs somewhere, or one of its own. It must not
// know what is asked.

import { z } from 'zod'
import { readEnvironment } from '../../environment.ts'
import { GatewayError } from '../../gateway-error.ts'

/**
 * Sends a request to a gateway, wherever it runs. Rejects with GatewayError unless the reply is a success.
 */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>

interface GatewayAccess {
  readonly apiKey?: string | undefined
  readonly advice: string
}

const failureSchema = z.object({ error: z.object({ message: z.string() }) })

/** Where a command looks for the gateway: the option, else this machine. */
export function gatewayAddress(url: string | undefined): string {
  return url ?? `http://127.0.0.1:${readEnvironment().port ?? 8787}`
}

/** A gateway that runs at `url`, which may end in /v1. `advice` says what to do when none answers there. */
export function runningGateway(url: string, { apiKey, advice }: GatewayAccess): Ask {
  const base = url.replace(/\/(v1\/?)?$/, '')
  return async (path, init = {}) => {
    const headers = new Headers(init.headers)
    if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`)
    const response = await fetch(base + path, { ...init, headers }).catch((cause: unknown) => {
      init.signal?.throwIfAborted()
      const message = `No gateway answers at ${base}. ${advice}`
      throw new GatewayError('upstream_unreachable', message, { cause })
    })
    return checkedResponse(response)
  }
}

/** The response when it is a success. Rejects with the gateway's own words otherwise. */
export async function checkedResponse(response: Response): Promise<Response> {
  if (response.ok) return response
  const failure = failureSchema.safeParse(await response.json().catch(() => null))
  const reason = failure.success ? failure.data.error.message : 'it gave no reason'
  throw new GatewayError('upstream_refused', `The gateway refused (HTTP ${response.status}): ${reason}`)
}
