// This room owns how a command reaches a gateway: one that runs somewhere, or one of its own. It must not
// know what is asked.

import { z } from 'zod'
import { environmentVariable, readEnvironment } from '../../environment.ts'
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

/** The options by which a command is told of a gateway. */
export interface GatewayOptions {
  /** Default: this machine. */
  readonly url?: string
  /** The environment variable that holds the key. */
  readonly apiKeyEnv?: string
}

const UNREACHABLE_ADVICE = 'Start one with "costeer serve", or give its address with --url.'

/** The gateway that a command's options name. `advice` says what to do when none answers there. */
export function namedGateway({ url, apiKeyEnv }: GatewayOptions, advice: string = UNREACHABLE_ADVICE): Ask {
  const address = url ?? `http://127.0.0.1:${readEnvironment().port ?? 8787}`
  const apiKey = apiKeyEnv === undefined ? undefined : environmentVariable(apiKeyEnv)
  return runningGateway(address, { apiKey, advice })
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
