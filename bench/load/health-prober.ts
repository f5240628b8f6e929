import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { Client } from 'undici'

/** Asks for the gateway's health all the time, in a thread of its own that nothing else holds up. */
export interface HealthProber {
  /** The longest wait since it was asked last, in milliseconds; one that is not over counts too. */
  longestWaitMs(): Promise<number>
  stop(): Promise<void>
}

const PAUSE_MS = 2

/** `origin` is the gateway's, as in `http://127.0.0.1:8787`. */
export function startHealthProber(origin: string): HealthProber {
  const worker = new Worker(new URL(import.meta.url), { workerData: origin })
  return {
    longestWaitMs() {
      return new Promise((resolve, reject) => {
        worker.once('error', reject)
        worker.once('message', (longest: number) => {
          worker.off('error', reject)
          resolve(longest)
        })
        worker.postMessage('longest')
      })
    },
    async stop() {
      await worker.terminate()
    },
  }
}

async function probe(origin: string): Promise<void> {
  const client = new Client(origin)
  let longest = 0
  let sentMs = performance.now()
  parentPort?.on('message', () => {
    parentPort?.postMessage(Math.max(longest, performance.now() - sentMs))
    longest = 0
  })
  for (;;) {
    sentMs = performance.now()
    const { statusCode, body } = await client.request({ path: '/healthz', method: 'GET' })
    await body.dump()
    if (statusCode !== 200) throw new Error(`/healthz answered ${statusCode}`)
    longest = Math.max(longest, performance.now() - sentMs)
    await sleep(PAUSE_MS)
    sentMs = performance.now()
  }
}

if (!isMainThread) await probe(workerData as string)
