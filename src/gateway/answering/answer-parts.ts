import type { ModelText } from '../../models/model-text.ts'
import type { Profile } from '../../profiles/profile.ts'
import type { VocabularyAlignment } from '../../steer/alignment/vocabulary-alignment.ts'
import type { SteeringSettings } from '../../steer/decoding/decode.ts'
import type { LocalPair } from '../../steer/local-pair.ts'
import type { LookaheadSettings } from '../../steer/lookahead/lookahead-settings.ts'
import type { ThrottleState } from '../../steer/lookahead/planning/speculation-throttle.ts'
import type { Upstream } from '../../steer/upstream.ts'
import type { DecodeReport } from '../answer.ts'
import type { AnswerCost } from '../costs/answer-cost.ts'
import type { GuardSettings } from '../guarding/answer-guard.ts'
import type { ChatEncodingMemory } from '../prompts/chat-encoding-memory.ts'
import type { UpstreamThinking } from '../prompts/template-arguments.ts'
import type { UpstreamChannels } from './answer-pieces.ts'

/** Everything that one answer is made with. */
export interface AnswerParts {
  readonly upstream: Upstream
  readonly chatEncoding: ChatEncodingMemory
  /** The upstream's own. */
  readonly text: ModelText
  /**
   * The pair behind the prompts speaks the upstream's tokens, also where the local model's vocabulary is
   * another.
   */
  readonly local: { readonly pair: LocalPair; readonly text: ModelText }
  /** Null where both use the same tokens. */
  readonly alignment: VocabularyAlignment | null
  readonly channels: UpstreamChannels
  readonly thinking: UpstreamThinking
  /** Whether a server answers chats by itself: it then reads them as without the gateway. */
  readonly servesChat: boolean
  /** Null for a caller without a profile. */
  readonly profile: Profile | null
  readonly guarding: GuardSettings
  readonly steering: SteeringSettings
  /** Of this answer; null at an upstream without a price. */
  readonly cost: AnswerCost | null
  /** Of answers whose request sets no limit; at most what the window holds. */
  readonly defaultMaxTokens: number
  /** Asked when decoding begins; null decodes token by token. */
  readonly lookahead: () => LookaheadSettings | null
  /** Called once for each choice that looked ahead, however it ends, before `onFinish`. */
  readonly onLookaheadEnd: (throttle: ThrottleState) => void
  /** Called once for each choice that was read, however it ends. */
  readonly onFinish: (report: DecodeReport) => void
}
