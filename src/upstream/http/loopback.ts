import { BlockList, isIP } from 'node:net'

/** The names under which a browser on this machine reaches a server on a loopback address. */
export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

const loopbackAddresses = new BlockList()
loopbackAddresses.addSubnet('127.0.0.0', 8, 'ipv4')
loopbackAddresses.addAddress('::1', 'ipv6')

/** Whether `host` is this machine, reached from nowhere else. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1')
  const family = isIP(address)
  if (family === 0) return address.toLowerCase() === 'localhost'
  return loopbackAddresses.check(address, family === 6 ? 'ipv6' : 'ipv4')
}
