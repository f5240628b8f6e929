// Forms: how a profile is put before a conversation, under names that a command line can say. The product's form is made by
// the product's functions; this room adds the variants that it is compared with, and must not be used to answer.

import { z } from 'zod'
import { GatewayError } from '../../gateway-error.ts'
import { privateTurns } from '../../profiles/private-turns.ts'
import type { Profile } from '../../profiles/profile.ts'
import { renderPrivateSystem } from '../../profiles/render-private-system.ts'
import { historyQuery } from '../../profiles/retrieve-history.ts'
import type { Tokenizer } from '../../slm/text/tokenizer.ts'
import type { ChatMessage } from '../../steer/upstream.ts'
import { textChoices } from './text-choice.ts'

const specSchema = z.strictObject({
  kind: z.enum(['prose', 'turns']),
  texts: z.coerce.number().int().min(0).max(100).optional(),
  order: z.enum(['file', 'best-first', 'best-last']).optional(),
  choice: z.enum(['relevance', 'variety', 'file', 'longest', 'shortest']).optional(),
  facts: z.enum(['on', 'off']).optional(),
})

/** How a profile is put before a conversation, under a name such as `turns:texts=3,order=best-last`. */
export interface PrivateForm {
  readonly name: string
  /** The conversation with the profile before it. Throws `context_length_exceeded`. */
  messages(conversation: readonly ChatMessage[], profile: Profile, window: FormWindow): readonly ChatMessage[]
}

interface FormWindow {
  readonly tokenizer: Tokenizer
  /** For the profile. */
  readonly budgetTokens: number
}

/** Reads a form's name. Throws GatewayError `invalid_request` for one that means nothing. */
export function privateForm(name: string): PrivateForm {
  const [kind, settings] = name.split(/:(.*)/s)
  const entries = (settings ?? '').split(',').filter((part) => part !== '')
  const pairs = entries.map((entry): [string, string] => {
    const [key, value] = entry.split('=')
    return [key ?? '', value ?? '']
  })
  const checked = specSchema.safeParse({ kind, ...Object.fromEntries(pairs) })
  if (!checked.success) {
    const message = `There is no private form "${name}". Write prose or turns, with settings such as turns:texts=2,order=best-last.`
    throw new GatewayError('invalid_request', message)
  }
  const { data } = checked
  return { name, messages: data.kind === 'prose' ? prose(data) : turns(data) }
}

type Spec = z.infer<typeof specSchema>

function prose({ texts }: Spec): PrivateForm['messages'] {
  return (conversation, profile, { tokenizer, budgetTokens }) => {
    const { text } = renderPrivateSystem(profile, {
      ...askedOf(conversation),
      countTokens: (part) => tokenizer.encode(part).length,
      budgetTokens,
      ...(texts !== undefined && { historyLimit: texts }),
    })
    return [{ role: 'system', content: text }, ...withoutSystem(conversation)]
  }
}

function turns({ texts, order, choice, facts }: Spec): PrivateForm['messages'] {
  return (conversation, profile, { tokenizer, budgetTokens }) => {
    const shown = facts === 'off' ? { ...profile, facts: [], writing_style: [] } : profile
    const { messages } = privateTurns(shown, {
      ...askedOf(conversation),
      countTokens: (rendered) => tokenizer.encodeChat(rendered).length,
      budgetTokens,
      ...(texts !== undefined && { historyLimit: texts }),
      ...(order !== undefined && { order }),
      ...(choice !== undefined && { choose: textChoices[choice] }),
    })
    return [...messages, ...withoutSystem(conversation)]
  }
}

function askedOf(conversation: readonly ChatMessage[]): { query: string; systemText: string } {
  const contents = (wanted: ChatMessage['role']) =>
    conversation.filter(({ role }) => role === wanted).map(({ content }) => content)
  return { query: historyQuery(contents('user')), systemText: contents('system').join('\n\n') }
}

function withoutSystem(conversation: readonly ChatMessage[]): readonly ChatMessage[] {
  return conversation.filter(({ role }) => role !== 'system')
}
