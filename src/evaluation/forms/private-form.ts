// Forms: how a profile is put before a conversation, under names that a command line can say. This room
// owns those names and ways to choose texts that the gateway's own is compared with; the prompts are made
// where the gateway's are. It must not be used to answer.

import { z } from 'zod'
import {
  type PrivateForm as GatewayForm,
  type PromptRoom,
  privateMessages,
} from '../../gateway/prompts/private-prompt.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { Profile } from '../../profiles/profile.ts'
import type { ChatMessage } from '../../steer/chat-prompt.ts'
import { textChoices } from './text-choice.ts'

const DEFAULT_PROSE_TEXTS = 4
const DEFAULT_TURNS = 2

const specSchema = z.strictObject({
  kind: z.enum(['product', 'prose', 'turns']),
  texts: z.coerce.number().int().min(0).max(100).optional(),
  order: z.enum(['file', 'best-first', 'best-last']).optional(),
  choice: z.enum(['relevance', 'variety', 'file', 'longest', 'shortest']).optional(),
  facts: z.enum(['on', 'off']).optional(),
})

type Spec = z.infer<typeof specSchema>

/** How a profile is put before a conversation, under a name such as `turns:texts=3,order=best-last`. */
export interface NamedForm {
  readonly name: string
  /** The conversation with the profile before it. Throws `context_length_exceeded`. */
  messages(conversation: readonly ChatMessage[], profile: Profile, room: PromptRoom): readonly ChatMessage[]
}

/** Reads a form's name; `product` is what the gateway does. Throws GatewayError `invalid_request`. */
export function privateForm(name: string): NamedForm {
  const [kind, settings] = name.split(/:(.*)/s)
  const entries = (settings ?? '').split(',').filter((part) => part !== '')
  const pairs = entries.map((entry): [string, string] => {
    const [key, value] = entry.split('=')
    return [key ?? '', value ?? '']
  })
  const checked = specSchema.safeParse({ kind, ...Object.fromEntries(pairs) })
  if (!checked.success) {
    const message = `There is no private form "${name}". Write product, prose or turns, with settings such as turns:texts=2,order=best-last.`
    throw new GatewayError('invalid_request', message)
  }
  const { data } = checked
  const form = gatewayForm(data)
  return {
    name,
    messages(conversation, profile, room) {
      const shown = data.facts === 'off' ? { ...profile, facts: [], writing_style: [] } : profile
      const turns = conversation.filter(({ role }) => role !== 'system')
      const before = privateMessages(shown, conversation, room, form)
      return [...before.map(({ role, text }) => ({ role, content: text })), ...turns]
    },
  }
}

function gatewayForm({ kind, texts, order, choice }: Spec): GatewayForm | undefined {
  if (kind === 'product') return undefined
  return {
    kind,
    historyLimit: texts ?? (kind === 'prose' ? DEFAULT_PROSE_TEXTS : DEFAULT_TURNS),
    ...(order !== undefined && { order }),
    ...(choice !== undefined && { choose: textChoices[choice] }),
  }
}
