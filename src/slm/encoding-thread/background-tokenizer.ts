// This room owns the encoding of large texts in threads of their own, so that none holds up anybody else.
// It must not know what the texts are for.

import type { TokenId } from '../../steer/token-id.ts'
import type { ChatMessage } from '../../steer/upstream.ts'
import type { EncoderSource } from '../encoding/plain-encoder.ts'
import type { EncodeChatOptions, EncodeOptions, Tokenizer } from '../text/tokenizer.ts'
import { type EncodeJob, jobSize, runJob } from './encode-job.ts'
import { EncodingThread } from './encoding-thread.ts'

/**
 * `Tokenizer`, without holding up the thread that asks; all methods reject with what `Tokenizer`'s throw,
 * or the signal's reason.
 */
export interface BackgroundTokenizer {
  encode(text: string, options?: EncodeOptions & Abortable): Promise<TokenId[]>
  encodePrompt(text: string, options?: EncodeOptions & Abortable): Promise<TokenId[]>
  encodeChat(messages: readonly ChatMessage[], options?: EncodeChatOptions & Abortable): Promise<TokenId[]>
  close(): Promise<void>
}

interface Abortable {
  readonly signal?: AbortSignal | undefined
}

/** Encoded at once: it takes a few milliseconds, and a thread would make it later. */
const SMALL = 16 * 1024
/**
 * What takes longer has a thread of its own, so that it does not hold up what takes some tens of
 * milliseconds.
 */
const MEDIUM = 64 * 1024

/** `tokenizer` encodes what is small; `source` is its own. */
export function backgroundTokenizer(tokenizer: Tokenizer, source: EncoderSource): BackgroundTokenizer {
  const medium = new EncodingThread(source)
  const large = new EncodingThread(source)
  return tokenizerOver(
    async (job, signal) => {
      const size = jobSize(job)
      if (size <= SMALL) {
        signal?.throwIfAborted()
        return runJob(job, tokenizer)
      }
      return (size <= MEDIUM ? medium : large).run(job, signal)
    },
    async () => {
      await Promise.all([medium.close(), large.close()])
    },
  )
}

/** Encodes everything at once, for programs that serve nobody else. */
export function foregroundTokenizer(tokenizer: Tokenizer): BackgroundTokenizer {
  return tokenizerOver(
    async (job) => runJob(job, tokenizer),
    async () => {},
  )
}

function tokenizerOver(
  run: (job: EncodeJob, signal: AbortSignal | undefined) => Promise<Iterable<number>>,
  close: () => Promise<void>,
): BackgroundTokenizer {
  const tokens = async (job: EncodeJob, signal: AbortSignal | undefined) => {
    return Array.from(await run(job, signal)) as TokenId[]
  }
  return {
    encode: (text, { signal, ...options } = {}) => tokens({ type: 'encode', text, options }, signal),
    encodePrompt: (text, { signal, ...options } = {}) => {
      return tokens({ type: 'encodePrompt', text, options }, signal)
    },
    encodeChat: (messages, { signal, ...options } = {}) => {
      return tokens({ type: 'encodeChat', messages, options }, signal)
    },
    close,
  }
}
