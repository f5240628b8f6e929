// This room owns the encoding of large texts in threads of their own, so that none holds up anybody else. It
// must not know what the texts are for.

import { setImmediate } from 'node:timers/promises'
import type { SlicedWork } from '../../sliced-work.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { runInSlices } from '../../work-slices.ts'
import type { EncoderSource } from '../encoding/plain-encoder.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { type EncodeJob, jobSize, runJob } from './encode-job.ts'
import { EncodingThread } from './encoding-thread.ts'

interface BackgroundOptions {
  readonly signal?: AbortSignal | undefined
  /** Holds for whatever is encoded: encoding ends as soon as there are more tokens. */
  readonly atMost?: number | undefined
}

/** A tokenizer whose large texts do not hold up the thread that wants them encoded. */
export interface BackgroundTokenizer {
  /**
   * Runs `work` with the tokenizer. Where it wants a large text encoded, that is done in the background,
   * and `work` runs again from its beginning: it must have no effects, and ask for the same each time.
   * Rejects with what `work` throws, with the signal's reason, or with GatewayError `local_model_failed`.
   */
  run<Result>(work: (tokenizer: Tokenizer) => Result, options?: BackgroundOptions): Promise<Result>
  close(): Promise<void>
}

/**
 * UTF-16 units that are encoded at once, between two turns of the event loop: they take a
 * few milliseconds, and a thread would make them later.
 */
const SMALL = 16 * 1024
/** What takes longer has a thread of its own, so as not to hold up what takes some tens of milliseconds. */
const MEDIUM = 64 * 1024

/** `tokenizer` encodes what is small; `source` is its own. */
export function backgroundTokenizer(tokenizer: Tokenizer, source: EncoderSource): BackgroundTokenizer {
  const medium = new EncodingThread(source)
  const large = new EncodingThread(source)
  return {
    async run(work, { signal, atMost } = {}) {
      const done: Encoded[] = []
      for (;;) {
        signal?.throwIfAborted()
        const pass = new Pass(tokenizer, { done, atMost })
        const result = pass.run(work)
        const { postponed } = pass
        if (postponed === null) return result()
        const size = jobSize(postponed)
        if (size <= SMALL) await setImmediate()
        else done.push(await settled((size <= MEDIUM ? medium : large).run(postponed, signal), signal))
      }
    },
    async close() {
      await Promise.all([medium.close(), large.close()])
    },
  }
}

/** Encodes everything at once, for programs that serve nobody else. */
export function foregroundTokenizer(tokenizer: Tokenizer): BackgroundTokenizer {
  return {
    run: async (work) => work(tokenizer),
    close: async () => {},
  }
}

/** Returns what a job gave, or throws its error. */
type Encoded = () => TokenId[]

function outcome<Result>(run: () => Result): () => Result {
  try {
    const result = run()
    return () => result
  } catch (error) {
    return () => {
      throw error
    }
  }
}

async function settled(running: Promise<Int32Array>, signal: AbortSignal | undefined): Promise<Encoded> {
  let ids: Int32Array
  try {
    ids = await running
  } catch (error) {
    return () => {
      throw error
    }
  }
  const tokens = await runInSlices(arrayOf(ids), signal)
  return () => tokens
}

/** So many ids are copied at a time: a million takes a tenth of a second. */
const COPIED = 4096

function* arrayOf(ids: Int32Array): SlicedWork<TokenId[]> {
  // One that grows is copied again and again
  const tokens = new Array<TokenId>(ids.length)
  for (let at = 0; at < ids.length; at++) {
    tokens[at] = ids[at] as TokenId
    if (at % COPIED === 0) yield
  }
  return tokens
}

/** One run of some work, up to the first text that is too large to be encoded at once. */
class Pass {
  /** What the work must wait for before it can go on. */
  postponed: EncodeJob | null = null
  readonly #tokenizer: Tokenizer
  /** Of all passes, in the order in which the work asks. */
  readonly #done: Encoded[]
  readonly #atMost: number | undefined
  #asked = 0
  #encoded = 0

  constructor(
    tokenizer: Tokenizer,
    { done, atMost }: { readonly done: Encoded[]; readonly atMost: number | undefined },
  ) {
    this.#tokenizer = tokenizer
    this.#done = done
    this.#atMost = atMost
  }

  /**
   * What the work returns or throws; meaningless where something was postponed, which work may well catch.
   */
  run<Result>(work: (tokenizer: Tokenizer) => Result): () => Result {
    const usual = { atMost: this.#atMost }
    const tokenizer: Tokenizer = {
      promptStart: this.#tokenizer.promptStart,
      encode: (text, own) => this.#encode({ type: 'encode', text, options: { ...usual, ...own } }),
      encodePrompt: (text, own) =>
        this.#encode({ type: 'encodePrompt', text, options: { ...usual, ...own } }),
      encodeChat: (messages, own) => {
        return this.#encode({ type: 'encodeChat', messages, options: { ...usual, ...own } })
      },
    }
    return outcome(() => work(tokenizer))
  }

  #encode(job: EncodeJob): TokenId[] {
    if (this.postponed !== null) throw new Postponed()
    const known = this.#done[this.#asked++]
    if (known !== undefined) return known()
    const size = jobSize(job)
    if (this.#encoded + size > SMALL && (size > SMALL || this.#encoded > 0)) {
      this.postponed = job
      throw new Postponed()
    }
    this.#encoded += size
    const encoded = outcome(() => runJob(job, this.#tokenizer) as TokenId[])
    this.#done.push(encoded)
    return encoded()
  }
}

/** Ends a pass; the work runs again when its text is encoded. */
class Postponed extends Error {
  override readonly name = 'Postponed'
}
