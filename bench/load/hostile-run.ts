import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { type GatewayProcess, startFastUpstream, startGateway } from '../programs/gateway-process.ts'
import { type HealthProber, startHealthProber } from './health-prober.ts'
import { type HostileBody, hostileBodies, hostileToGuards } from './hostile-bodies.ts'

export interface HostileOptions {
  readonly upstream: 'fast' | 'embedded'
  /** Holds the profiles, and takes configuration and log. */
  readonly folder: string
  readonly profile: string
  /** Copies of each body that are under way together. */
  readonly atOnce: number
  /** Only bodies whose name has this in it. */
  readonly only: string
  /** Whether the profile declares private values; the bodies are then those that cost a guard the most. */
  readonly guarded: boolean
}

/** What others waited for while one kind of request was handled. */
export interface HostileResult {
  readonly name: string
  readonly path: string
  readonly bytes: number
  /** Statuses of the last round; 0 where the answer was not waited for. */
  readonly statuses: readonly number[]
  /** The longest wait of each round. */
  readonly waitsMs: readonly number[]
}

/** The least of them counts: whatever else the machine does only adds to a wait. */
const ROUNDS = 3
const PATIENCE_MS = 15_000
/** The default of `server.body_limit_bytes`. */
const BODY_LIMIT = 4_194_304
/** Of a long conversation or document. */
const GUARDED_BYTES = 1_000_000
const MODEL = 'smollm2-135m'
/** As large models have: what is too long for them is refused before anybody looks for private values. */
const CONTEXT_TOKENS = 1_048_576

/** The first result is that of a harmless request. */
export async function hostileRun(
  options: HostileOptions,
  onResult: (result: HostileResult) => void,
): Promise<void> {
  const fast =
    options.upstream === 'fast'
      ? await startFastUpstream(MODEL, options.guarded ? { contextTokens: CONTEXT_TOKENS } : {})
      : null
  try {
    const gateway = await startGateway(
      {
        server: { port: 0, log_level: 'info' },
        local: { model: MODEL },
        upstreams: {
          large: fast === null ? { kind: 'embedded', model: MODEL } : { kind: 'llama-cpp', url: fast.url },
        },
        models: { names: { costeer: 'large' } },
        profiles: { folder: join(options.folder, 'profiles') },
      },
      { folder: options.folder, logged: true },
    )
    const prober = startHealthProber(new URL(gateway.url).origin)
    try {
      const usual = harmless()
      const bodies = options.guarded ? hostileToGuards(GUARDED_BYTES) : hostileBodies(BODY_LIMIT)
      for (const body of [usual, ...bodies]) {
        if (body === usual || body.name.includes(options.only))
          onResult(await measure(body, { ...options, gateway, prober }))
      }
    } finally {
      await prober.stop()
      await gateway.stop()
    }
  } finally {
    await fast?.stop()
  }
}

function harmless(): HostileBody {
  const body = { model: 'costeer', max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] }
  return {
    name: 'a usual question',
    path: 'chat/completions',
    headers: { 'content-type': 'application/json' },
    bytes: () => Buffer.from(JSON.stringify(body)),
  }
}

async function measure(
  body: HostileBody,
  { gateway, prober, ...options }: HostileOptions & { gateway: GatewayProcess; prober: HealthProber },
): Promise<HostileResult> {
  const bytes = body.bytes()
  const waitsMs: number[] = []
  let statuses: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await prober.longestWaitMs()
    const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
    const sending = Array.from({ length: options.atOnce }, () =>
      send({ body, bytes, dispatcher, gateway, profile: options.profile }),
    )
    statuses = await Promise.all(sending)
    await dispatcher.destroy()
    await sleep(100)
    waitsMs.push(await prober.longestWaitMs())
  }
  return { name: body.name, path: body.path, bytes: bytes.length, statuses, waitsMs }
}

interface Sending {
  readonly body: HostileBody
  readonly bytes: Buffer
  readonly dispatcher: Agent
  readonly gateway: GatewayProcess
  readonly profile: string
}

async function send({ body, bytes, dispatcher, gateway, profile }: Sending): Promise<number> {
  try {
    const response = await request(`${gateway.url}/${body.path}`, {
      method: 'POST',
      dispatcher,
      headers: { ...body.headers, 'x-costeer-profile': profile },
      body: bytes,
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    await response.body.dump()
    return response.statusCode
  } catch {
    // A refusal may close the connection while the body is still being sent.
    return 0
  }
}
