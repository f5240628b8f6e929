import { GatewayError } from '../../gateway-error.ts'
import type { ChatPrompt } from '../../steer/chat-prompt.ts'
import { UpstreamRefusal } from '../http/upstream-refusal.ts'

interface ServerTemplate<T> {
  /** Names the server in error messages. */
  readonly where: string
  /** Has the server put a conversation into its model's chat template. */
  readonly render: (chat: ChatPrompt) => Promise<T>
}

/** Longer ones are cut. */
const MAX_REASON_CHARACTERS = 200
/** Statuses with which servers tell of a template that fails. */
const TEMPLATE_STATUS = /^(400|422|500)$/

/**
 * `chat` in the server's chat template. Where the template refuses its messages, but not any, throws
 * `invalid_request` with the template's reason, provided that nothing of the conversation is in it.
 */
export async function inServerTemplate<T>(chat: ChatPrompt, template: ServerTemplate<T>): Promise<T> {
  try {
    return await template.render(chat)
  } catch (error) {
    if (!(error instanceof UpstreamRefusal) || !TEMPLATE_STATUS.test(String(error.status))) throw error
    const placeholder = crypto.randomUUID()
    // A server that refuses the plainest conversation too does not do so for the messages.
    const plainest = { messages: [{ role: 'user' as const, content: placeholder }] }
    if ((await refusalOf(plainest, template)) !== null) throw error
    const others = chat.messages.map(({ role, content }) => ({
      role,
      content: content === '' ? '' : placeholder,
    }))
    const again = reasonIn(await refusalOf({ messages: others }, template))
    const reason = reasonIn(error)
    // A reason that does not change with the contents quotes none.
    const told = reason !== null && reason === again ? `It says "${reason}"` : 'Its log has the reason'
    const message = `The chat template of ${template.where.replace(/^T/, 't')} refuses these messages. ${told}. Change them, or start the server with another template.`
    throw new GatewayError('invalid_request', message, { param: 'messages' })
  }
}

async function refusalOf<T>(chat: ChatPrompt, { render }: ServerTemplate<T>): Promise<Error | null> {
  try {
    await render(chat)
    return null
  } catch (error) {
    return error instanceof Error ? error : new TypeError('Something that is no Error was thrown.')
  }
}

/** What a template says; llama.cpp quotes the place in it before or behind. */
function reasonIn(error: Error | null): string | null {
  const said = error instanceof UpstreamRefusal ? error.said : null
  const line =
    /(?:Error|Jinja Exception): (?!Jinja Exception)(.+)/.exec(said ?? '')?.[1] ?? /\S.*/.exec(said ?? '')?.[0]
  const reason = line?.replace(/ at row \d+, column \d+:?$/, '').trim()
  return reason === undefined || reason === '' ? null : reason.slice(0, MAX_REASON_CHARACTERS)
}
