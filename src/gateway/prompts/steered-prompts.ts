// This room owns prompts: the public one that goes upstream, and the local pair's with and without the
// profile, which enters in private-prompt.ts alone. It must not ask a model for anything but an encoding.

import type { Profile } from '../../profiles/profile.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'
import type { TokenId } from '../../steer/token-id.ts'
import { encodePrivateChat, type PromptWindow, privateMessages } from './private-prompt.ts'

export interface SteeredPrompts {
  /** Holds the profile; must never leave this machine. */
  readonly with: readonly TokenId[]
  readonly without: readonly TokenId[]
}

/**
 * The local pair's two prompts for a public conversation, which are the same but for what
 * the profile puts before its turns. `now` is the date that a template may show. Throws
 * `context_length_exceeded` when not even the profile's facts fit.
 */
export function steeredPrompts(
  conversation: readonly ChatMessage[],
  profile: Profile,
  { now = new Date(), ...window }: PromptWindow & { readonly now?: Date },
): SteeredPrompts {
  const { tokenizer } = window
  const without = tokenizer.encodeChat(conversation, { now })
  const before = privateMessages(profile, conversation, { ...window, publicTokens: without.length })
  return { with: encodePrivateChat(before, conversation, { tokenizer, now }), without }
}
