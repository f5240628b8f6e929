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
  readonly onChange: () => void
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

  const schedule = () => {
    if (closed) return
    clearTimeout(timer)
    timer = setTimeout(onChange, debounceMs)
    timer.unref()
  }
  const watchInside = () => {
    inner?.close()
    inner = tryWatch(path, schedule)
  }
  // A watch follows the folder's inode; only the parent sees that the name now means another folder.
  const outer = tryWatch(dirname(path), (event, name) => {
    if (closed || event !== 'rename' || (name !== null && name !== basename(path))) return
    watchInside()
    schedule()
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
