import type { Config } from '../../config/schema.ts'
import { plainAddress, portRefusal } from '../../proxy/check-address.ts'
import { isLoopback } from '../../upstream/http/loopback.ts'
import type { Finding } from './finding.ts'

type Server = Pick<Config['server'], 'host' | 'port' | 'keys'>

/** A gateway that is busy takes seconds to describe itself. */
const PROBE_MS = 10_000

/**
 * Whether the address is open to others without a key, or keys are written where others may read them
 * (`readableKeys`).
 */
export function accessCheck({ host, keys }: Server, readableKeys: number): Finding {
  const check = 'access'
  const who = isLoopback(host)
    ? `${host} is reached from this machine only`
    : `${host} is reached from other machines`
  if (keys.length === 0) {
    if (isLoopback(host)) return { check, status: 'ok', message: `${who}, without a key.` }
    const fix = 'Set server.keys, or server.host to 127.0.0.1.'
    return { check, status: 'fail', message: `${who}, and no key protects the profiles.`, fix }
  }
  const message = `${who}, with ${keys.length} ${keys.length === 1 ? 'key' : 'keys'}.`
  if (readableKeys === 0) return { check, status: 'ok', message }
  const fix = 'Write `sha256` or `key_file` instead of `key`.'
  return {
    check,
    status: 'warn',
    message: `${message} ${readableKeys} of them can be read in the configuration.`,
    fix,
  }
}

/** Whether the port can be taken. A gateway that runs there already is a warning. */
export async function portCheck({ host, port }: Server): Promise<Finding> {
  const check = 'port'
  const refusal = await portRefusal({ host, port })
  if (refusal === null) {
    const message = port === 0 ? 'Any free one is taken.' : `${port} on ${host} is free.`
    return { check, status: 'ok', message }
  }
  const fix = 'Choose another server.port, or end the program that has it.'
  if (refusal !== 'EADDRINUSE') {
    return { check, status: 'fail', message: `${port} on ${host} cannot be had (${refusal}).`, fix }
  }
  return (await isGateway(host, port))
    ? { check, status: 'warn', message: `A gateway is running on ${host}, port ${port}.`, fix }
    : { check, status: 'fail', message: `Another program has port ${port} on ${host}.`, fix }
}

async function isGateway(host: string, port: number): Promise<boolean> {
  const reached = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host
  const address = reached.includes(':') ? `[${plainAddress(reached)}]` : reached
  const url = `http://${address}:${port}/openapi.json`
  return fetch(url, { signal: AbortSignal.timeout(PROBE_MS) }).then(
    async (response) => response.ok && /costeer/i.test(await response.text()),
    () => false,
  )
}
