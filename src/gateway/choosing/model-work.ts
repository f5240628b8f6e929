import type { PullEvent } from '../../models/pull-event.ts'
import type { ModelChoice } from './chosen-config.ts'

/**
 * How fetching or changing models goes on. `fetching`, `verifying` and `preparing` are about one file, and
 * `opening` loads models beside those that answer. From `ending` on the new ones answer; it lasts until the
 * answers that the models before have begun are complete.
 */
type WorkState =
  | 'waiting'
  | 'fetching'
  | 'verifying'
  | 'preparing'
  | 'opening'
  | 'ending'
  | 'done'
  | 'failed'
  | 'stopped'

/** What was asked for, and how far it is. */
export interface ModelWork {
  /** The models that are to answer; null where one is only fetched. */
  readonly choice: ModelChoice | null
  readonly state: WorkState
  /** The model at hand; null while it is about all. */
  readonly model: string | null
  /** Both null where nothing is being received. */
  readonly receivedBytes: number | null
  readonly totalBytes: number | null
  /** Why it failed. */
  readonly message: string | null
}

export function newWork(choice: ModelChoice | null): ModelWork {
  return { choice, state: 'waiting', model: null, receivedBytes: null, totalBytes: null, message: null }
}

const atRest: ReadonlySet<WorkState> = new Set(['done', 'failed', 'stopped'])

export function isAtRest(work: ModelWork | null): boolean {
  return work === null || atRest.has(work.state)
}

/** The work after what a fetch tells. */
export function afterPullEvent(work: ModelWork, event: PullEvent): ModelWork {
  switch (event.type) {
    case 'waiting-for-other-process':
      return { ...work, state: 'waiting' }
    case 'source-start':
    case 'source-failed':
    case 'file-chosen':
      return { ...work, state: 'fetching', receivedBytes: null, totalBytes: null }
    case 'bytes-received': {
      const { receivedBytes, totalBytes } = event
      return { ...work, state: 'fetching', receivedBytes, totalBytes }
    }
    case 'verifying':
      return { ...work, state: 'verifying', receivedBytes: null, totalBytes: null }
    default:
      return event satisfies never
  }
}
