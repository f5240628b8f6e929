import type { TokenReport } from '../../gateway/answer.ts'
import type { CompleteChoice } from './answer-endpoint.ts'
import type { RunningAnswer } from './running-answer.ts'
import { isTraced, traceObject } from './trace/trace-object.ts'
import type { WireTrace } from './trace/trace-schema.ts'

interface CollectedAnswer {
  readonly choices: readonly CompleteChoice[]
  readonly traces: readonly WireTrace[]
}

/** Reads an answer to its end. Rejects with the first failure of any choice. */
export async function collectedAnswer({ choices, lifetime }: RunningAnswer): Promise<CollectedAnswer> {
  const open = Array.from({ length: choices.count }, () => ({
    texts: [] as string[],
    thoughts: [] as string[],
    tokens: [] as TokenReport[],
    calls: [] as { id: string; name: string; arguments: string }[],
    finishReason: 'stop' as CompleteChoice['finishReason'],
  }))
  const traces: WireTrace[] = []
  try {
    for (let next = await choices.next(); next !== null; next = await choices.next()) {
      const { choice, event } = next
      const held = open[choice]
      if (isTraced(event)) traces.push(traceObject(choice, event))
      else if (held === undefined) continue
      else if (event.type === 'answer-end') held.finishReason = event.finishReason
      else if (event.type === 'reasoning-delta') held.thoughts.push(event.text)
      else if (event.type === 'call-start') held.calls.push({ id: event.id, name: event.name, arguments: '' })
      else if (event.type === 'call-arguments') {
        const call = held.calls[event.index]
        if (call !== undefined) call.arguments += event.text
      } else if (event.type === 'text-delta') {
        held.texts.push(event.text)
        held.tokens.push(...event.tokens)
      }
    }
  } finally {
    choices.close()
    lifetime.release()
  }
  return {
    choices: open.map(({ texts, thoughts, ...choice }) => ({
      ...choice,
      text: texts.join(''),
      reasoning: thoughts.join(''),
    })),
    traces,
  }
}
