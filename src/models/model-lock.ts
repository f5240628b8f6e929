import { mkdir, open, rm, stat, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { errorCode } from '../error-code.ts'

const HEARTBEAT_MS = 2000
const STALE_MS = 15_000
const POLL_MS = 250

/**
 * Runs `work` while holding the lock file, so that of several processes only one fetches a model and the
 * others wait. The holder touches the file; one that was not touched for 15 s was left by a crash and is
 * taken over. Rejects with the signal's reason when aborted while waiting.
 */
export async function withModelLock<T>(
  path: string,
  work: () => Promise<T>,
  { signal, onWait }: { readonly signal?: AbortSignal | undefined; readonly onWait?: () => void },
): Promise<T> {
  await mkdir(dirname(path), { recursive: true })
  for (let waited = false; !(await take(path)); waited = true) {
    if (!waited) onWait?.()
    await delay(POLL_MS, undefined, { signal }).catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : error
    })
  }
  const heartbeat = setInterval(() => {
    utimes(path, new Date(), new Date()).catch(() => undefined)
  }, HEARTBEAT_MS)
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx')
    // The number is for people: a full disk has room for the name at least.
    await file.writeFile(String(process.pid)).catch(() => undefined)
    await file.close()
    return true
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    const held = await stat(path).catch(() => null)
    if (held && Date.now() - held.mtimeMs > STALE_MS) await rm(path, { force: true })
    return false
  }
}
