import { Worker } from 'node:worker_threads'
import { GatewayError } from '../../gateway-error.ts'
import type { EncoderSource } from '../encoding/plain-encoder.ts'
import { CallerQueue } from './caller-queue.ts'
import { type EncodeJob, type JobResult, tokensOf } from './encode-job.ts'

// Workers run compiled code, also when the program itself runs from source
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/slm/encoding-thread/worker.js' : './worker.js',
  import.meta.url,
)

/** An idle thread takes some 10 MB, and starting one some 0.1 s. */
const IDLE_MS = 60_000
/** A megabyte of text takes some tens; what takes more than this is not worth the gateway's memory. */
const MOST_HEAP_MB = 1024

interface WaitingJob {
  readonly job: EncodeJob
  readonly resolve: (tokens: Int32Array) => void
  readonly reject: (error: unknown) => void
}

/** A thread that encodes texts, one after the other; it runs while there are some. */
export class EncodingThread {
  readonly #source: EncoderSource
  readonly #waiting = new CallerQueue<WaitingJob>()
  #worker: Worker | null = null
  #running: WaitingJob | null = null
  #idle: NodeJS.Timeout | null = null

  constructor(source: EncoderSource) {
    this.#source = source
  }

  /**
   * Rejects with what the tokenizer throws, with the signal's reason, or with GatewayError
   * `local_model_failed` when the thread ends over it.
   */
  run(job: EncodeJob, signal?: AbortSignal): Promise<Int32Array> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const abort = () => {
        this.#waiting.remove(waiting)
        reject(signal?.reason)
      }
      const settled = () => signal?.removeEventListener('abort', abort)
      const waiting: WaitingJob = {
        job,
        resolve(tokens) {
          settled()
          resolve(tokens)
        },
        reject(error) {
          settled()
          reject(error)
        },
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiting)
      this.#next()
    })
  }

  /** Ends the thread; what waits for it rejects. */
  async close(): Promise<void> {
    await this.#end(closed())
  }

  #next(): void {
    if (this.#running !== null) return
    const next = this.#waiting.next()
    if (next === undefined) return
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#running = next
    this.#worker ??= this.#start()
    this.#worker.ref()
    this.#worker.postMessage(next.job)
  }

  #start(): Worker {
    const worker = new Worker(workerUrl, {
      workerData: this.#source,
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    })
    worker.on('message', (result: JobResult) => this.#finish(result))
    worker.on('error', (cause) => this.#lost(worker, cause))
    worker.on('exit', () => this.#lost(worker, null))
    return worker
  }

  #finish(result: JobResult): void {
    const finished = this.#running
    this.#running = null
    this.#worker?.unref()
    this.#idle = setTimeout(() => void this.#end(closed()), IDLE_MS).unref()
    try {
      finished?.resolve(tokensOf(result))
    } catch (error) {
      finished?.reject(error)
    }
    this.#next()
  }

  /** The next job gets a new thread. */
  #lost(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return
    const failed = this.#running
    this.#worker = null
    this.#running = null
    const message =
      'The thread that encodes large texts has stopped, perhaps for want of memory. Send less text.'
    failed?.reject(new GatewayError('local_model_failed', message, { cause }))
    this.#next()
  }

  async #end(reason: GatewayError): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = null
    for (const { reject } of this.#waiting.drain()) reject(reason)
    this.#running?.reject(reason)
    this.#running = null
    await worker?.terminate()
  }
}

function closed(): GatewayError {
  return new GatewayError('shutting_down', 'The gateway is shutting down.')
}
