import type { MemoryShares } from '../config/memory-shares.ts'
import type { Profile } from '../profiles/profile.ts'
import type { ProfileStore } from '../profiles/profile-store.ts'
import type { EngineUsage } from '../slm/engine/worker-protocol.ts'
import type { WeightBits } from '../slm/graph/weight-store.ts'
import type { ModelChoices } from './choosing/model-choices.ts'
import type { PreviewedQuestion, PromptPreview } from './prompts/private-prompt.ts'
import type { StrengthTrialOptions, TextLikelihood } from './strength-trial.ts'

/** What a model's name means. */
interface ModelFacts {
  /** The name that clients send. */
  readonly id: string
  /** The large model behind it, as its upstream calls it. */
  readonly upstream: string
  /** That upstream's name in the configuration. */
  readonly configuredAs: string
  /** Whether it runs in this process. */
  readonly embedded: boolean
  /** c_T of requests that name none. */
  readonly strength: number
}

/** What the gateway shows and lets its owner change, beside answering. */
export interface GatewayConsole {
  readonly profiles: ProfileStore
  /** Which models answer, and which others could. */
  readonly choices: ModelChoices
  readonly localModel: string
  /** Bits of its weights; null where they are not this program's own. */
  readonly localBits: WeightBits | null
  readonly models: readonly ModelFacts[]
  /** What models of this process may keep. */
  readonly memory: MemoryShares
  /** What models of this process hold; null while none runs. Rejects with `local_model_failed`. */
  localUsage(): Promise<EngineUsage | null>
  /**
   * Likelihoods of a profile's past texts under the model at several strengths, text by text; they go
   * upstream.
   */
  tryStrengths(
    profile: Profile,
    options: StrengthTrialOptions & { readonly model: string },
  ): AsyncIterable<TextLikelihood>
  /** What the local model reads of a profile before a question. Throws `context_length_exceeded`. */
  preview(profile: Profile, question: PreviewedQuestion): Promise<PromptPreview>
}
