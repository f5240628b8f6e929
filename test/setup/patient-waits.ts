import { vi } from 'vitest'

/** Below the limit of a test, so that what was waited for is told. */
const MOST_MS = 30_000

const { waitFor } = vi

// Its own limit of a second is for programs on an idle machine.
vi.waitFor = (callback, options = {}) =>
  waitFor(callback, {
    timeout: MOST_MS,
    ...(typeof options === 'number' ? { timeout: options } : options),
  })
