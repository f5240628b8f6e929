import { test } from 'vitest'
import { realServers } from '../../upstream/real-servers.ts'
import { describeUpstream } from '../../upstream/upstream-contract.ts'

for (const server of realServers) {
  if (server.skipped === null) describeUpstream(server.name, server.open)
  else test.skip(`${server.name} is skipped: ${server.skipped}`, () => {})
}
