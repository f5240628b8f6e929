import type { PrivateKind } from '../../guard/private-value.ts'

/** What the upstream read in place of question and answer, and how much the answer tells of the profile. */
export interface AnswerViews {
  /** By which the profile made the chosen tokens likelier, in bits. */
  readonly leakBits: number
  /** The last message of the user as the upstream read it; null without one. */
  readonly question: string | null
  /** The answer as the upstream read it. */
  readonly answer: string
  /** The private values that stand in question or answer, each with what the upstream read in its place. */
  readonly aliases: readonly {
    readonly kind: PrivateKind
    readonly value: string
    readonly alias: string
  }[]
}
