import { setMaxListeners } from 'node:events'
import { Worker } from 'node:worker_threads'
import { refuseTelemetry } from '../../environment.ts'
import { GatewayError } from '../../gateway-error.ts'
import { MisuseError } from './misuse-error.ts'
import type { FromWorker, ToWorker } from './worker-protocol.ts'

/** A question without its number, which `WorkerLink` adds. */
export type Question =
  Exclude<ToWorker, Command> extends infer Message
    ? Message extends Message
      ? Omit<Message, 'request'>
      : never
    : never

/** What has no answer of its own. */
export type Command = Extract<
  ToWorker,
  {
    type:
      | 'pair-retain'
      | 'pair-close'
      | 'kept-renew'
      | 'kept-trim'
      | 'rows-free'
      | 'stream-pull'
      | 'request-abort'
      | 'garbage-collect'
      | 'worker-end'
  }
>

type Reply<Type extends FromWorker['type']> = Extract<FromWorker, { type: Type }>

interface Waiting {
  readonly receive: (message: FromWorker) => void
  readonly fail: (error: Error) => void
}

/**
 * A step takes well under a second, and loading a model a few; what takes this long does not end by itself.
 */
const LAST_STEP_MS = 5_000

// Workers run compiled code, also when the program itself runs from source
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/slm/worker/worker.js' : '../worker/worker.js',
  import.meta.url,
)

/** Whether more answers to the same question follow. */
function isInterim({ type }: FromWorker): boolean {
  return type === 'stream-token' || type === 'pair-reading'
}

const running = new Set<WorkerLink>()

/**
 * Ends every worker of this process, which must not end with one at work: native code
 * that is cut short aborts it.
 */
export async function endWorkers(): Promise<void> {
  await Promise.all([...running].map((link) => link.terminate()))
}

/** A running inference worker and the questions it still owes an answer to. */
export class WorkerLink {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #exited: Promise<void>
  #requests = 0
  #failure: GatewayError | null = null

  constructor() {
    refuseTelemetry()
    this.#worker = new Worker(workerUrl)
    running.add(this)
    this.#worker.on('message', (message: FromWorker) => this.#receive(message))
    this.#worker.on('error', (error) => this.#die(error))
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        running.delete(this)
        this.#die(null)
        resolve()
      })
    })
    // An idle worker must not keep the program alive
    this.#worker.unref()
  }

  /** False once the worker has ended, for whatever reason. */
  get alive(): boolean {
    return this.#failure === null
  }

  /**
   * Asks for one answer. Rejects with GatewayError `local_model_failed`, or at once with the signal's reason.
   */
  async ask<Type extends FromWorker['type']>(
    question: Question,
    options: {
      readonly answer: Type
      readonly signal?: AbortSignal
      readonly onLate?: () => void
      /** Told what comes before the answer. */
      readonly onReading?: ((share: number) => void) | undefined
    },
  ): Promise<Reply<Type>> {
    const { answer, signal, onLate, onReading } = options
    signal?.throwIfAborted()
    // Many questions of one request share its signal: no leak
    if (signal) setMaxListeners(0, signal)
    return new Promise<Reply<Type>>((resolve, reject) => {
      const abort = () => {
        this.abort(request)
        const receive = (message: FromWorker) => {
          if (!isInterim(message)) onLate?.()
        }
        this.#waiting.set(request, { receive, fail: () => {} })
        reject(signal?.reason)
      }
      const settle = () => signal?.removeEventListener('abort', abort)
      const request = this.start(question, {
        receive: (message) => {
          if (message.type === 'pair-reading') return onReading?.(message.share)
          settle()
          if (message.type === answer) resolve(message as Reply<Type>)
        },
        fail: (error) => {
          settle()
          reject(error)
        },
      })
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Asks for any number of answers. Returns the request's number, by which it can be aborted. */
  start(question: Question, waiting: Waiting): number {
    const request = ++this.#requests
    if (this.#failure) {
      waiting.fail(this.#failure)
      return request
    }
    this.#waiting.set(request, waiting)
    if (this.#waiting.size === 1) this.#worker.ref()
    this.#worker.postMessage({ ...question, request })
    return request
  }

  abort(request: number): void {
    this.tell({ type: 'request-abort', request })
  }

  /** `transfer` changes hands, alive or not. */
  tell(message: Command, transfer: readonly ArrayBuffer[] = []): void {
    if (this.alive) this.#worker.postMessage(message, transfer)
  }

  /**
   * Rejects what is still asked and ends the worker, after the step that it runs: native
   * code that is cut short ends the whole process.
   */
  async terminate(): Promise<void> {
    const { alive } = this
    this.#die(null)
    if (!alive) return this.#exited
    this.#worker.ref()
    this.#worker.postMessage({ type: 'worker-end' } satisfies Command)
    const timer = setTimeout(() => void this.#worker.terminate(), LAST_STEP_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #receive(message: FromWorker): void {
    const waiting = this.#waiting.get(message.request)
    if (!waiting) return
    if (!isInterim(message)) this.#forget(message.request)
    if (message.type !== 'request-failed') waiting.receive(message)
    else if (message.kind === 'misuse') waiting.fail(new MisuseError(message.message))
    else waiting.fail(new GatewayError('local_model_failed', `The local model failed: ${message.message}`))
  }

  #forget(request: number): void {
    this.#waiting.delete(request)
    if (this.#waiting.size === 0) this.#worker.unref()
  }

  #die(cause: unknown): void {
    if (this.#failure) return
    this.#failure = new GatewayError(
      'local_model_failed',
      'The local model has stopped, perhaps for want of memory. It starts again with the next request.',
      { cause },
    )
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { fail } of waiting) fail(this.#failure)
  }
}
