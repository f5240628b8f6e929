import type { Environment } from '../environment.ts'
import type { Catalogue } from './catalogue.ts'
import type { PullObserver } from './pull-event.ts'

export interface PullOptions {
  readonly environment: Environment
  /** Default: the one that comes with this program. */
  readonly catalogue?: Catalogue
  readonly onEvent?: PullObserver
  readonly signal?: AbortSignal
  /** The Python whose pip is used. */
  readonly python?: string
  /** What to call a repository of the hub here, unless its own name will do. */
  readonly as?: string
}
