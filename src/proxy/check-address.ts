import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Config } from '../config/schema.ts'
import { errorCode } from '../error-code.ts'
import { GatewayError } from '../gateway-error.ts'
import { isLoopback } from '../upstream/http/loopback.ts'

type Address = Pick<Config['server'], 'host' | 'port' | 'keys'>

/**
 * Whether the gateway may and can listen there, before anything slow is begun. Rejects with `config_invalid`
 * when the address is taken, or open to others without keys.
 */
export async function checkAddress(address: Address): Promise<void> {
  refuseOpenAddress(address)
  const refusal = await portRefusal(address)
  if (refusal !== null) throw addressRefused(address, refusal)
}

/** Throws `config_invalid` for an address that others reach while no key protects the profiles. */
export function refuseOpenAddress({ host, keys }: Pick<Address, 'host' | 'keys'>): void {
  if (isLoopback(host) || keys.length > 0) return
  const message = `Listening on ${host} lets others in, and no key protects the profiles. Set server.keys, or server.host to 127.0.0.1.`
  throw new GatewayError('config_invalid', message, { param: 'server.keys' })
}

/** Why the port cannot be had now, as the system's code such as `EADDRINUSE`; null when it can. */
export async function portRefusal({ host, port }: Pick<Address, 'host' | 'port'>): Promise<string | null> {
  const server = createServer()
  try {
    server.listen({ host: plainAddress(host), port, exclusive: true })
    await once(server, 'listening')
    return null
  } catch (error) {
    return errorCode(error)
  } finally {
    server.close()
  }
}

/** An address that cannot be listened on, with what to choose instead. */
export function addressRefused({ host, port }: Pick<Address, 'host' | 'port'>, code: string): GatewayError {
  const message =
    code === 'EADDRINUSE'
      ? `Port ${port} of ${host} is taken, perhaps by a gateway that runs already. Choose another: COSTEER_PORT=${port === 65_535 ? 8787 : port + 1}, --port, or server.port in the configuration.`
      : `Cannot listen on ${host}, port ${port} (${code}). Choose another with COSTEER_PORT, --host and --port, or server.host and server.port in the configuration.`
  return new GatewayError('config_invalid', message, { param: 'server.port' })
}

/** A host as sockets take it: IPv6 without brackets. */
export function plainAddress(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
