import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withModelLock } from '../../src/models/model-lock.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'costeer-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('withModelLock', () => {
  test('runs one piece of work after the other, and says that one waits', async () => {
    const lock = join(folder, 'deep', 'm.lock')
    const log: string[] = []
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let begin = () => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const first = withModelLock(
      lock,
      async () => {
        log.push('first begins')
        begin()
        await released
        log.push('first ends')
      },
      {},
    )
    const onWait = () => {
      log.push('second waits')
      release()
    }
    await begun
    const second = withModelLock(lock, async () => log.push('second runs'), { onWait })
    await Promise.all([first, second])
    expect(log).toEqual(['first begins', 'second waits', 'first ends', 'second runs'])
    expect(existsSync(lock)).toBe(false)
  })

  test('frees the lock when the work fails', async () => {
    const lock = join(folder, 'm.lock')
    await expect(withModelLock(lock, () => Promise.reject(new Error('no')), {})).rejects.toThrow('no')
    expect(await withModelLock(lock, async () => 'yes', {})).toBe('yes')
  })

  test('takes over a lock whose holder is gone', async () => {
    const lock = join(folder, 'm.lock')
    writeFileSync(lock, '1')
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(lock, longAgo, longAgo)
    expect(await withModelLock(lock, async () => 'mine', {})).toBe('mine')
  })

  test('stops waiting when aborted', async () => {
    const lock = join(folder, 'm.lock')
    writeFileSync(lock, '1')
    const abort = new AbortController()
    const waiting = withModelLock(lock, async () => 'never', {
      signal: abort.signal,
      onWait: () => abort.abort(new Error('enough')),
    })
    await expect(waiting).rejects.toThrow('enough')
    expect(existsSync(lock)).toBe(true)
  })
})
