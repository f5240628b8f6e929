import type { Dispatcher } from 'undici'
import { streamedAnswer } from './streamed-answer.ts'

export interface ClientStreamOptions {
  readonly url: string
  readonly dispatcher: Dispatcher
  /** Which of the clients this is, from 0. */
  readonly index: number
  readonly profiles: readonly string[]
  readonly tokens: number
  /** Ends after its current answer once this is aborted. */
  readonly deadline: AbortSignal
}

/** What one client saw. */
export interface ClientRecord {
  readonly failures: string[]
  /** Complete answers, and those it left in the middle. */
  answers: number
  left: number
  /** Pieces of text that came before the deadline, about one a token. */
  tokens: number
  readonly firstTokenMs: number[]
  /** Between two tokens of one answer. */
  readonly waitsMs: number[]
}

/** One answer in so many is left in the middle, as users do. */
const LEFT_ONE_IN = 10

/** Asks for one answer after the other until the deadline. */
export async function runClient(options: ClientStreamOptions): Promise<ClientRecord> {
  const { index, profiles, tokens, deadline, ...access } = options
  const record: ClientRecord = {
    failures: [],
    answers: 0,
    left: 0,
    tokens: 0,
    firstTokenMs: [],
    waitsMs: [],
  }
  for (let round = 0; !deadline.aborted; round++) {
    const leaves = (index + round) % LEFT_ONE_IN === LEFT_ONE_IN - 1
    let first = true
    const onText = (waitMs: number) => {
      if (!deadline.aborted) record.tokens++
      const waits = first ? record.firstTokenMs : record.waitsMs
      waits.push(waitMs)
      first = false
    }
    try {
      await streamedAnswer({
        ...access,
        profile: profiles[index % profiles.length] ?? '',
        question: questionOf(index, round),
        tokens,
        leaveAfter: leaves ? Math.ceil(tokens / 2) : null,
        onText,
      })
      if (leaves) record.left++
      else record.answers++
    } catch (error) {
      record.failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  return record
}

const topics = 'the ferry,my garden,a broken lamp,the school fair,old letters,winter coats,a long walk'.split(
  ',',
)

function questionOf(client: number, round: number): string {
  return `Note ${client}-${round}: write two sentences about ${topics[(client + round) % topics.length]}.`
}
