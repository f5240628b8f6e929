import { expect, test } from 'vitest'
import { checkAddress } from '../../src/proxy/check-address.ts'
import { listening } from './app-under-test/listening-app.ts'
import { end, text } from './app-under-test/scripted-gateway.ts'

const script = { choices: [[text('x'), end(1)]] }
const free = { host: '127.0.0.1', port: 0, keys: [] }

test('a port that is free, or any, is good', async () => {
  await expect(checkAddress(free)).resolves.toBeUndefined()
})

test('a port that is taken is refused with three ways to choose another', async () => {
  const { url } = await listening({ script })
  const port = Number(new URL(url).port)
  await expect(checkAddress({ ...free, port })).rejects.toMatchObject({
    code: 'config_invalid',
    message: `Port ${port} of 127.0.0.1 is taken, perhaps by a gateway that runs already. Choose another: COSTEER_PORT=${port + 1}, --port, or server.port in the configuration.`,
  })
})

test('an address that is not of this machine is refused, and one that is open to others without keys', async () => {
  const keys = [{ key: 'sk-plain-key', admin: false }]
  await expect(checkAddress({ ...free, host: '192.0.2.1', keys })).rejects.toThrow(/EADDRNOTAVAIL/)
  await expect(checkAddress({ ...free, host: '0.0.0.0' })).rejects.toMatchObject({ param: 'server.keys' })
})
