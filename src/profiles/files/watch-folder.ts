import type { FSWatcher } from 'node:fs'
import { watch } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'

export interface FolderWatch {
  close(): void
}

export interface WatchFolderOptions {
  readonly folder: string
  /** How long the folder must be quiet before `onChange` is called. */
  readonly debounceMs: number
  /** Called with the names of all that has changed in the folder; null where not every name is known. */
  readonly onChange: (names: ReadonlySet<string> | null) => void
}

/**
 * Calls back after something in a folder has changed: files, links (a mounted Kubernetes ConfigMap swaps one
 * link), or the folder itself being replaced or created later. Does not keep the process alive.
 */
export function watchFolder({ folder, debounceMs, onChange }: WatchFolderOptions): FolderWatch {
  const path = resolve(folder)
  let timer: NodeJS.Timeout | undefined
  let inner: FSWatcher | undefined
  let closed = false
  let names: Set<string> | null = new Set()

  const schedule = (name: string | null) => {
    if (closed) return
    if (name === null) names = null
    names?.add(name ?? '')
    clearTimeout(timer)
    timer = setTimeout(() => {
      const changed = names
      names = new Set()
      onChange(changed)
    }, debounceMs)
    timer.unref()
  }
  const watchInside = () => {
    inner?.close()
    inner = tryWatch(path, (_event, name) => schedule(name))
  }
  // A watch follows the folder's inode; only the parent sees that the name now means another folder.
  const outer = tryWatch(dirname(path), (event, name) => {
    if (closed || event !== 'rename' || (name !== null && name !== basename(path))) return
    watchInside()
    schedule(null)
  })
  watchInside()
  return {
    close() {
      closed = true
      clearTimeout(timer)
      inner?.close()
      outer?.close()
    },
  }
}

function tryWatch(
  path: string,
  onEvent: (event: string, name: string | null) => void,
): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, onEvent)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}
