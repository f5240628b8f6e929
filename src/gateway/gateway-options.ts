import type { Environment } from '../environment.ts'
import type { PullObserver } from '../models/pull-event.ts'
import type { ProfileProblem } from '../profiles/profile-problem.ts'
import type { DecodeReport } from './answer.ts'
import type { Cost } from './costs/answer-cost.ts'
import type { AlignmentReport } from './opening/upstream-alignment.ts'

/** What the program around the gateway lends it. */
export interface GatewayOptions {
  readonly environment: Environment
  /** Told how fetching a missing model goes on. */
  readonly onPull?: PullObserver
  /** Told about steps that take a while, in a sentence each. */
  readonly onProgress?: (step: string) => void
  /** Told how each choice of an answer was decoded, once it has ended. */
  readonly onDecoded?: (report: DecodeReport) => void
  /** Told by how many upstream queries the number in flight has changed. */
  readonly onInFlight?: (change: number) => void
  /** Told how far the local model covers an upstream of another vocabulary, once that is open. */
  readonly onAligned?: (report: AlignmentReport) => void
  /** Told what is spent at upstreams with a price. */
  readonly onSpent?: (cost: Cost) => void
  readonly onProfileProblem?: (problem: ProfileProblem) => void
}
