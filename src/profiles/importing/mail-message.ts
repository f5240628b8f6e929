import PostalMime, { type Address, type Email } from 'postal-mime'
import { dayOf, type Finding } from './finding.ts'
import { htmlText } from './html-text.ts'
import { ownMailText } from './own-mail-text.ts'

/** Deeper ones are no letters of a person. */
const MAX_NESTING = 20
const ANSWER_PREFIX = /^(?:(?:re|aw|sv|antw|odp|r)\s*(?:\[\d+\])?\s*:\s*)+/i
const FORWARD_PREFIX = /^(?:fwd?|wg|tr|doorst|vs)\s*:/i

export interface MailOptions {
  /** The user's addresses, in lower case; only what comes from them is theirs. */
  readonly from: ReadonlySet<string>
  readonly place: string
}

/** Whether a file looks like one message: header lines, among them who wrote it. */
export function beginsAsMail(head: string): boolean {
  const [headers = ''] = head.split(/\r?\n\r?\n/, 1)
  return (
    /^(?:[\w-]+:|[ \t])/.test(headers) &&
    /^from:/im.test(headers) &&
    /^(?:date|subject|message-id):/im.test(headers)
  )
}

/** What the user wrote in a mail message, without quotes, signatures and forwarded parts. */
export async function mailMessage(bytes: Uint8Array, { from, place }: MailOptions): Promise<Finding[]> {
  const mail = await parsed(bytes)
  if (mail === null) return [{ type: 'problem', place, message: 'is no mail message that can be read' }]
  const sender = addressOf(mail.from)
  if (sender === null) return [{ type: 'problem', place, message: 'does not say who wrote it' }]
  const findings: Finding[] = [{ type: 'sender', address: sender }]
  if (!from.has(sender) || isAutomatic(mail)) return [...findings, { type: 'left-out', reason: 'not-yours' }]
  const text = ownMailText(hasText(mail.text) ? mail.text : htmlText(mail.html ?? ''))
  if (text === '') return [...findings, { type: 'left-out', reason: 'no-text' }]
  const found = { text, task: taskOf(mail), date: dayOf(mail.date), kind: 'written', place } as const
  return [...findings, { type: 'text', found }]
}

async function parsed(bytes: Uint8Array): Promise<Email | null> {
  try {
    const mail = await PostalMime.parse(bytes, {
      maxNestingDepth: MAX_NESTING,
      // A message inside a message is somebody's else, or was imported itself.
      forceRfc822Attachments: true,
    })
    return mail.headers.length === 0 ? null : mail
  } catch {
    return null
  }
}

function hasText(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}

function addressOf(from: Address | undefined): string | null {
  const address = from?.address ?? from?.group?.[0]?.address ?? ''
  return address === '' ? null : address.trim().toLowerCase()
}

/** Answers of a holiday and the like. */
function isAutomatic({ headers }: Email): boolean {
  return headers.some(({ key, value }) => key === 'auto-submitted' && !/^no\b/i.test(value))
}

function taskOf({ subject = '', to = [] }: Email): string {
  const [reader] = to
  const name = reader === undefined ? '' : reader.name.trim() || (reader.address ?? '').split('@')[0] || ''
  const about = subject.replace(/\s+/g, ' ').trim()
  const topic = about.replace(ANSWER_PREFIX, '').trim()
  const isAnswer = topic !== about || FORWARD_PREFIX.test(about)
  const what = isAnswer ? 'Answer an email' : 'Write an email'
  const whom = name === '' ? '' : isAnswer ? ` from ${name}` : ` to ${name}`
  return topic === '' ? `${what}${whom}.` : `${what}${whom} about this: ${topic}`
}
