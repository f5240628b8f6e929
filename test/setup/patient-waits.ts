import { vi } from 'vitest'
import { LONGEST_WAIT_MS } from './patience.ts'

const { waitFor } = vi

// Its own limit of a second is for programs on an idle machine.
vi.waitFor = (callback, options = {}) =>
  waitFor(callback, {
    timeout: LONGEST_WAIT_MS,
    ...(typeof options === 'number' ? { timeout: options } : options),
  })
