import { fileURLToPath } from 'node:url'
import { type Command, InvalidArgumentError } from 'commander'
import { Registry } from 'prom-client'
import { collectGarbage } from '../collect-garbage.ts'
import { readEnvironment } from '../environment.ts'
import { openGateway } from '../gateway/opening/open-gateway.ts'
import { createApp } from '../proxy/app.ts'
import { checkAddress } from '../proxy/check-address.ts'
import { listen } from '../proxy/listen.ts'
import { createLogger } from '../proxy/logger.ts'
import { observeLocalUsage, observeMemory, tellWeightBits } from '../proxy/metrics/local-usage-metrics.ts'
import { createMetrics } from '../proxy/metrics/metrics.ts'
import { loadCommandConfig } from './installation/config-file.ts'
import { withEmbeddedPair } from './installation/embedded-pair.ts'
import { ownVersion } from './installation/own-manifest.ts'
import { writeJson, writeLine, writeRemark } from './terminal/command-output.ts'
import { exitOnSignal } from './terminal/exit-on-signal.ts'
import { createPullProgress } from './terminal/pull-progress.ts'

/** Where the build puts the playground. */
const pageFolder = fileURLToPath(new URL('../web', import.meta.url))

/** For what is left to do once the last answer has ended. */
export const CLOSE_MS = 8_000

interface ServeOptions {
  readonly config?: string
  readonly pair?: string
  readonly port?: number
  readonly host?: string
  readonly json: boolean
}

/** `costeer serve`: runs the gateway until SIGTERM or SIGINT, then lets running answers end. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Run the gateway. This is what happens without a command, too.')
    .option(
      '-c, --config <file>',
      'configuration file (COSTEER_CONFIG; default: the one of "costeer init", else the embedded model alone)',
    )
    .option(
      '--pair <name>',
      'answer without a server, with two models of the catalogue in place of those of the configuration',
    )
    .option('-p, --port <port>', 'port to listen on (COSTEER_PORT; default: 8787)', portNumber)
    .option('--host <address>', 'address to listen on')
    .option('--json', 'print the address as JSON once the gateway is ready', false)
    .action(serve)
}

async function serve(options: ServeOptions, command: Command): Promise<void> {
  const exit = exitOnSignal()
  const environment = readEnvironment()
  const configured = await loadCommandConfig(options.config)
  const loaded = options.pair === undefined ? configured : await withEmbeddedPair(configured, options.pair)
  const port = options.port ?? environment.port ?? loaded.config.server.port
  const server = { ...loaded.config.server, port, host: options.host ?? loaded.config.server.host }
  await checkAddress(server)
  const logger = createLogger({ level: server.log_level })
  const metrics = createMetrics(new Registry())
  const remark = (line: string) => writeRemark(command, line)
  const progress = createPullProgress({ writeLine: remark })
  const gateway = await openGateway(loaded, {
    environment,
    onPull: progress.show,
    onProgress: remark,
    onDecoded: (report) => metrics.decodeFinished(report),
    onAligned: (report) => metrics.alignmentOpened(report),
    onSpent: (cost) => metrics.spent(cost),
    onInFlight: (change) => metrics.queriesInFlight(change),
    onProfileProblem: (problem) => logger.warn({ problem }, 'a profile file has a problem'),
  })
    .finally(progress.stop)
    .catch(exit.failed)
  collectGarbage()
  const { console: shown } = gateway
  const { profiles: store, preview, localUsage, choices } = shown
  observeLocalUsage(metrics.registry, localUsage)
  observeMemory(metrics.registry, { shares: () => shown.memory, usage: localUsage })
  tellWeightBits(metrics.registry, () => shown.localBits)
  const app = createApp({
    gateway,
    server,
    userHeaders: loaded.config.profiles.user_headers,
    logger,
    metrics,
    profiles: { store, preview },
    choices,
    // Other models may come to answer
    facts: {
      version: ownVersion(),
      get localModel() {
        return shown.localModel
      },
      get models() {
        return shown.models
      },
    },
    pageFolder,
  })
  const listening = await listen(app, { server }).catch(async (failure: unknown) => {
    await gateway.close()
    throw failure
  })
  const finish = async () => {
    await listening.close()
    await gateway.close()
  }
  exit.after(finish, { withinMs: server.drain_ms + CLOSE_MS })
  const { url } = listening
  if (options.json) writeJson(command, { url, base_url: `${url}/v1`, config: loaded.file })
  else
    writeLine(
      command,
      `The gateway is ready. Point OpenAI clients at ${url}/v1, or open ${url} in a browser.`,
    )
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('Give a number up to 65535.')
  return port
}
