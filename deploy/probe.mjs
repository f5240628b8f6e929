// Asks the gateway of this container how it is: node probe.mjs [/healthz|/readyz]. Exit code 0 means well.
import { request } from 'node:http'

const path = process.argv[2] ?? '/healthz'
const port = process.env.COSTEER_PORT || '8787'

function fail(reason) {
  process.stderr.write(`${path}: ${reason}\n`)
  process.exit(1)
}

request({ host: '127.0.0.1', port, path, timeout: 4000 })
  .on('timeout', () => fail('no answer within 4 s'))
  .on('error', (error) => fail(error.code))
  .on('response', (response) => {
    if (response.statusCode !== 200) fail(`HTTP ${response.statusCode}`)
    response.resume().on('end', () => process.exit(0))
  })
  .end()
