import { Registry } from 'prom-client'
import type { LoadedConfig } from '../../config/load-config.ts'
import { readEnvironment } from '../../environment.ts'
import { openGateway } from '../../gateway/opening/open-gateway.ts'
import { formatProblem } from '../../profiles/profile-problem.ts'
import { createApp } from '../../proxy/app.ts'
import { createLogger } from '../../proxy/logger.ts'
import { createMetrics } from '../../proxy/metrics/metrics.ts'
import { createPullProgress } from '../terminal/pull-progress.ts'
import { type Ask, checkedResponse } from './running-gateway.ts'

/** A gateway of this process that opens no port and asks for no key. Rejects with GatewayError. */
export async function openOwnGateway(
  { config, ...loaded }: LoadedConfig,
  remark: (line: string) => void,
): Promise<{ ask: Ask; close: () => Promise<void> }> {
  // Whoever can start it can read its configuration and profiles.
  const server = { ...config.server, keys: [] }
  const progress = createPullProgress({ writeLine: remark })
  const gateway = await openGateway(
    { ...loaded, config: { ...config, server } },
    {
      environment: readEnvironment(),
      onPull: progress.show,
      onProgress: remark,
      onProfileProblem: (problem) => remark(formatProblem(problem)),
    },
  ).finally(progress.stop)
  const app = createApp({
    gateway,
    server,
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics(new Registry()),
  })
  return {
    ask: async (path, init) => checkedResponse(await app.request(path, init)),
    close: () => gateway.close(),
  }
}
