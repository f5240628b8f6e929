import { z } from 'zod'
import { type EndpointOptions, HttpEndpoint } from '../http/http-endpoint.ts'

/**
 * Asks a server for one of its routes, on a connection of its own that is closed then. Rejects with
 * GatewayError, or with the signal's reason.
 */
export async function reachServer(
  options: EndpointOptions,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const endpoint = new HttpEndpoint(options)
  try {
    await endpoint.get(path, z.unknown(), signal)
  } finally {
    await endpoint.close()
  }
}
