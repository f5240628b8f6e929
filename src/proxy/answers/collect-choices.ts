import type { TokenReport } from '../../gateway/answer.ts'
import type { RequestTracker } from '../request/request-tracker.ts'
import type { CompleteChoice } from './chat/chat-completion.ts'
import type { ChoiceEvents } from './choice-events.ts'
import { isTraced, traceObject } from './wire/trace-object.ts'
import type { WireTrace } from './wire/trace-schema.ts'

export interface CollectedChoices {
  readonly choices: readonly CompleteChoice[]
  readonly traces: readonly WireTrace[]
}

/** Reads every choice to its end. Rejects as soon as one of them fails. */
export async function collectChoices(
  events: ChoiceEvents,
  choices: number,
  tracker: RequestTracker,
): Promise<CollectedChoices> {
  const texts = Array.from({ length: choices }, (): string[] => [])
  const tokens = Array.from({ length: choices }, (): TokenReport[] => [])
  const traces: WireTrace[] = []
  const complete = new Map<number, CompleteChoice>()
  for (let next = await events.next(); next !== null; next = await events.next()) {
    const { choice, event } = next
    if (event.type === 'answer-end') {
      const { finishReason, completionTokens } = event
      tracker.choiceEnded(completionTokens)
      const text = texts[choice]?.join('') ?? ''
      complete.set(choice, { text, tokens: tokens[choice] ?? [], finishReason, completionTokens })
    } else if (isTraced(event)) {
      traces.push(traceObject(choice, event))
    } else {
      tracker.textEmitted()
      texts[choice]?.push(event.text)
      tokens[choice]?.push(...event.tokens)
    }
  }
  const finished = texts.map((_, choice) => {
    const found = complete.get(choice)
    if (found === undefined) throw new Error('A choice ended without its last event.')
    return found
  })
  return { choices: finished, traces }
}
