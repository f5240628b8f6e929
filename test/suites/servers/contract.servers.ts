import { test } from 'vitest'
import { describeUpstream } from '../../upstream/contract/upstream-contract.ts'
import { realServers } from './real-servers.ts'

for (const server of realServers) {
  if (server.skipped === null) describeUpstream(server.name, server.open)
  else test.skip(`${server.name} is skipped: ${server.skipped}`, () => {})
}
