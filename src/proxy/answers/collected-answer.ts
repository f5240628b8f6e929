import type { AnswerEvent, TokenReport } from '../../gateway/answer.ts'
import type { CompleteChoice, CompletePart } from './answer-endpoint.ts'
import type { RunningAnswer } from './running-answer.ts'
import { isTraced, type TracedEvent, traceObject } from './trace/trace-object.ts'
import type { WireTrace } from './trace/trace-schema.ts'

interface CollectedAnswer {
  readonly choices: readonly CompleteChoice[]
  readonly traces: readonly WireTrace[]
}

/** Reads an answer to its end. Rejects with the first failure of any choice. */
export async function collectedAnswer({ choices, lifetime }: RunningAnswer): Promise<CollectedAnswer> {
  const open = Array.from({ length: choices.count }, () => new OpenChoice())
  const traces: WireTrace[] = []
  try {
    for (let next = await choices.next(); next !== null; next = await choices.next()) {
      const { choice, event } = next
      if (isTraced(event)) traces.push(traceObject(choice, event))
      else open[choice]?.add(event)
    }
  } finally {
    choices.close()
    lifetime.release()
  }
  return { choices: open.map((choice) => choice.whole()), traces }
}

/** A part whose texts are not joined yet. */
type OpenPart =
  | { readonly type: 'reasoning' }
  | { readonly type: 'text'; readonly tokens: TokenReport[] }
  | { readonly type: 'call'; readonly id: string; readonly name: string }

class OpenChoice {
  readonly #parts: { readonly part: OpenPart; readonly texts: string[] }[] = []
  #end: Pick<CompleteChoice, 'finishReason' | 'stopString'> = { finishReason: 'stop' }

  add(event: Exclude<AnswerEvent, TracedEvent>): void {
    if (event.type === 'answer-end') {
      const { finishReason, stopString } = event
      this.#end = { finishReason, stopString }
    } else if (event.type === 'reasoning-delta') this.#say({ type: 'reasoning' }, event.text)
    else if (event.type === 'text-delta') {
      const part = this.#say({ type: 'text', tokens: [] }, event.text)
      if (part.type === 'text') part.tokens.push(...event.tokens)
    } else if (event.type === 'call-start') {
      this.#parts.push({ part: { type: 'call', id: event.id, name: event.name }, texts: [] })
    } else if (event.type === 'call-arguments') this.#parts.at(-1)?.texts.push(event.text)
  }

  whole(): CompleteChoice {
    const parts = this.#parts.map(({ part, texts }): CompletePart => {
      const text = texts.join('')
      return part.type === 'call' ? { ...part, arguments: text } : { ...part, text }
    })
    return { parts, ...this.#end }
  }

  /** Adds to the last part, or begins the one that is given. */
  #say(begun: OpenPart, text: string): OpenPart {
    const last = this.#parts.at(-1)
    if (last?.part.type === begun.type) {
      last.texts.push(text)
      return last.part
    }
    this.#parts.push({ part: begun, texts: [text] })
    return begun
  }
}
