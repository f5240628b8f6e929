// This room owns prompts: the public one that goes upstream, and the local pair's with and without the
// profile, which enters in private-prompt.ts alone. It must not ask a model for anything but an encoding.

import { GatewayError } from '../../gateway-error.ts'
import type { Profile } from '../../profiles/profile.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { type ChatAdaptation, chatAdaptations } from './chat-adaptations.ts'
import { encodePrivateChat, type PromptWindow, privateMessages } from './private-prompt.ts'

export interface SteeredPrompts {
  /** Holds the profile; must never leave this machine. */
  readonly with: readonly TokenId[]
  readonly without: readonly TokenId[]
}

/**
 * The local pair's two prompts for a public conversation, which are the same but for what
 * the profile puts before its turns. Where the local model's chat template does not take the conversation,
 * or leaves out a part of it, both hold the nearest form that it takes. `now` is the date that a template
 * may show. Throws `context_length_exceeded` when not even the profile's facts fit, and `invalid_request`
 * when the template takes no form.
 */
export function steeredPrompts(
  conversation: readonly ChatMessage[],
  profile: Profile,
  { now = new Date(), ...window }: PromptWindow & { readonly now?: Date },
): SteeredPrompts {
  const { tokenizer } = window
  const prompts = (adapt: ChatAdaptation, whole: boolean): SteeredPrompts => {
    const adapted = adapt(conversation)
    const without = tokenizer.encodeChat(adapted, { now, whole })
    const before = privateMessages(profile, adapted, { ...window, publicTokens: without.length })
    return { with: encodePrivateChat(before, adapted, { tokenizer, now, whole, adapt }), without }
  }
  const failures: GatewayError[] = []
  for (const whole of [true, false]) {
    for (const adapt of chatAdaptations) {
      try {
        return prompts(adapt, whole)
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== 'invalid_request') throw error
        failures.push(error)
      }
    }
  }
  throw failures[0]
}
