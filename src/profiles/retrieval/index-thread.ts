import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type IndexedText, IndexedTexts } from './indexed-texts.ts'

/** What the thread is told: texts, some at a time, then where their index is kept. */
export type IndexMessage =
  | { readonly type: 'texts'; readonly texts: readonly IndexedText[] }
  | { readonly type: 'end'; readonly path: string }

// Workers run compiled code, also when the program itself runs from source
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/profiles/retrieval/worker.js' : './worker.js',
  import.meta.url,
)

/** Handing over more at once would hold up the thread that serves. */
const BATCH_CHARS = 256 * 1024
const MOST_HEAP_MB = 2048

/**
 * The index of many texts, read from its file or built in a thread of its own, which ends then. Rejects when
 * the thread fails, or with the signal's reason.
 */
export async function threadedIndex(
  texts: readonly IndexedText[],
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<IndexedTexts> {
  signal.throwIfAborted()
  const worker = new Worker(workerUrl, { resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB } })
  worker.unref()
  const abort = () => void worker.terminate()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const built = new Promise<ArrayBuffer>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(signal.aborted ? signal.reason : new Error('the thread ended')))
    })
    // It may fail while texts are still being handed over.
    built.catch(() => {})
    for (const batch of batches(texts)) {
      worker.postMessage({ type: 'texts', texts: batch } satisfies IndexMessage)
      await setImmediate()
    }
    worker.postMessage({ type: 'end', path } satisfies IndexMessage)
    return new IndexedTexts(await built)
  } finally {
    signal.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

function* batches(texts: readonly IndexedText[]): Generator<IndexedText[]> {
  let batch: IndexedText[] = []
  let size = 0
  for (const text of texts) {
    batch.push(text)
    size += text.heading.length + text.text.length
    if (size < BATCH_CHARS) continue
    yield batch
    batch = []
    size = 0
  }
  if (batch.length > 0) yield batch
}
