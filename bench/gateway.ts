import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gatewayTable, type MeasuredCell } from './gateway/gateway-table.ts'
import { LITELLM_VERSION, litellmHeaders, startLitellm } from './gateway/litellm-proxy.ts'
import { figuresOf, type Measurement, measuredWay, type Way } from './gateway/measured-way.ts'
import { PORTKEY_VERSION, portkeyHeaders, startPortkey } from './gateway/portkey-gateway.ts'
import { startFastUpstream, startGateway } from './programs/gateway-process.ts'
import type { RunningProgram } from './programs/running-program.ts'
import { inTemporaryFolder } from './programs/temporary-folder.ts'

const USAGE = `npm run bench:gateway -- [options]

Measures what the gateway adds to requests that it passes on (here: with tools), beside a direct connection and beside
Portkey's gateway (${PORTKEY_VERSION}) and LiteLLM's proxy (${LITELLM_VERSION}), both fetched the first time. They take
turns, against an upstream that answers at once.

  --connections LIST  requests under way (default: 1,16,64)
  --replies LIST      whole, streamed (default: both)
  --seconds N         of each measurement (default: 5)
  --rounds N          the ways take turns so many times, after one round that does not count (default: 3)
  --peers LIST        portkey, litellm, none (default: both)
  --json FILE         also write the results as JSON`

const commandOptions = {
  connections: { type: 'string', default: '1,16,64' },
  replies: { type: 'string', default: 'whole,streamed' },
  seconds: { type: 'string', default: '5' },
  rounds: { type: 'string', default: '3' },
  peers: { type: 'string', default: 'portkey,litellm' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

function readOptions() {
  return parseArgs({ options: commandOptions }).values
}
type Options = ReturnType<typeof readOptions>

const MODEL = 'smollm2-135m'
/** The name that clients send, which the gateway exchanges on the way there and back. */
const ALIAS = 'costeer'

async function main(): Promise<void> {
  const options = readOptions()
  if (options.help) return console.log(USAGE)
  await inTemporaryFolder('costeer-bench-', (folder) => measuredIn(folder, options))
}

async function measuredIn(folder: string, options: Options): Promise<void> {
  const stops: (() => Promise<void>)[] = []
  try {
    await mkdir(join(folder, 'profiles'))
    const upstream = await startFastUpstream(MODEL)
    stops.push(() => upstream.stop())
    const config = {
      server: { port: 0 },
      upstreams: { large: { kind: 'llama-cpp', url: upstream.url } },
      models: { names: { [ALIAS]: 'large' } },
      profiles: { folder: 'profiles' },
    }
    const gateway = await startGateway(config, { folder, logged: true })
    stops.push(() => gateway.stop())
    const own: Way[] = [
      { name: 'direct', url: `${upstream.url}/v1`, headers: {}, pid: null },
      { name: 'costeer', url: gateway.url, headers: {}, pid: gateway.pid },
    ]
    const waysOf = async (reply: MeasuredCell['reply']): Promise<Way[]> => {
      const ways = [...own]
      for (const name of options.peers.split(',')) {
        if (name === 'none') continue
        const peer = await startPeer(name, { reply, url: upstream.url, folder })
        stops.push(() => peer.stop())
        const headers = name === 'portkey' ? portkeyHeaders(upstream.url) : litellmHeaders
        ways.push({ name, url: `${peer.announced}/v1`, headers, pid: peer.pid })
      }
      return ways
    }
    await measure(waysOf, options)
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

/** Another gateway in front of the server at `url`. */
function startPeer(
  name: string,
  { reply, url, folder }: { reply: MeasuredCell['reply']; url: string; folder: string },
): Promise<RunningProgram> {
  const writeLine = (line: string) => console.log(line)
  if (name === 'portkey') return startPortkey(reply, writeLine)
  if (name === 'litellm') return startLitellm({ model: ALIAS, served: MODEL, url, folder }, writeLine)
  throw new Error(`--peers ${name}: portkey, litellm or none?`)
}

async function measure(
  waysOf: (reply: MeasuredCell['reply']) => Promise<readonly Way[]>,
  options: Options,
): Promise<void> {
  const [load = 0] = loadavg()
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model}), Node ${process.version}`
  console.log(`${machine}, load average ${load.toFixed(1)}`)
  const cells: MeasuredCell[] = []
  for (const reply of options.replies.split(',')) {
    if (reply !== 'whole' && reply !== 'streamed') throw new Error(`--replies ${reply}: whole or streamed?`)
    const ways = await waysOf(reply)
    for (const way of ways) await checkWay(way, reply)
    for (const connections of options.connections.split(',').map(Number)) {
      const measured = await measuredInTurn(ways, { reply, connections, options })
      const figures = Object.entries(measured).map(([name, all]) => [name, figuresOf(all)] as const)
      cells.push({ reply, connections, ways: Object.fromEntries(figures) })
      console.log(gatewayTable(cells.slice(-1)))
    }
  }
  console.log(`\n${gatewayTable(cells)}`)
  if (options.json !== undefined)
    await writeFile(options.json, JSON.stringify({ machine, load, cells }, null, 2))
}

async function measuredInTurn(
  ways: readonly Way[],
  { reply, connections, options }: { reply: MeasuredCell['reply']; connections: number; options: Options },
): Promise<Record<string, Measurement[]>> {
  const measured: Record<string, Measurement[]> = Object.fromEntries(ways.map(({ name }) => [name, []]))
  const body = requestBody(reply === 'streamed')
  const rounds = Number(options.rounds)
  for (let round = 0; round <= rounds; round++) {
    const isWarmUp = round === 0
    const seconds = isWarmUp ? 2 : Number(options.seconds)
    // Another one begins each time.
    for (let turn = 0; turn < ways.length; turn++) {
      const way = ways[(round + turn) % ways.length]
      if (way === undefined) continue
      const measurement = await measuredWay(way, { body, connections, seconds })
      if (!isWarmUp) measured[way.name]?.push(measurement)
    }
  }
  return measured
}

function requestBody(stream: boolean): string {
  return JSON.stringify({
    model: ALIAS,
    stream,
    messages: [
      { role: 'system', content: 'You are the assistant of a ferry company.' },
      {
        role: 'user',
        content: 'When does the next ferry to the island leave, and is there room for a bicycle?',
      },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'timetable',
          description: 'Departures of a day.',
          parameters: { type: 'object', properties: { day: { type: 'string' } }, required: ['day'] },
        },
      },
    ],
  })
}

/** Whether this way gives the upstream's own answer. */
async function checkWay({ name, url, headers }: Way, reply: MeasuredCell['reply']): Promise<void> {
  const streamed = reply === 'streamed'
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: requestBody(streamed),
  })
  const text = await response.text()
  const isComplete = text.includes(' kettle') && text.includes('[DONE]') === streamed
  if (!response.ok || !isComplete) throw new Error(`${name} answered HTTP ${response.status}: ${text}`)
}

await main()
