import { callArguments } from '../../../steer/channels/tool-calls/call-arguments.ts'
import { ollamaError } from '../../errors/ollama-error.ts'
import type { BegunAnswer, CompleteAnswer, CompleteCall, FrameWriter } from '../answer-endpoint.ts'
import { isTraced, traceObject } from '../trace/trace-object.ts'
import { joinedParts } from '../wire/joined-parts.ts'
import { reportedToken } from '../wire/token-logprobs.ts'
import type { OllamaCall, OllamaChatReply, OllamaGenerateReply } from './ollama-reply-schema.ts'

/** What a reply or a line says. */
interface Said {
  readonly text?: string
  readonly thinking?: string
  readonly calls?: readonly OllamaCall[]
}

type Reply = OllamaChatReply | OllamaGenerateReply

/** How a route writes what is said. */
export type SaidShape<R extends Reply> = (said: Said) => Omit<R, keyof ReturnType<typeof head> | 'done'>

export const chatShape: SaidShape<OllamaChatReply> = ({ text = '', thinking, calls = [] }) => ({
  message: {
    role: 'assistant',
    content: text,
    ...(thinking === undefined ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: [...calls] }),
  },
})

export const generateShape: SaidShape<OllamaGenerateReply> = ({ text = '', thinking }) => ({
  response: text,
  ...(thinking === undefined ? {} : { thinking }),
})

/** An answer that is not streamed. */
export function ollamaReply<R extends Reply>(answer: CompleteAnswer, shape: SaidShape<R>, reports: boolean) {
  const [choice] = answer.choices
  if (choice === undefined) throw new Error('A reply without a choice.')
  const { text, reasoning, tokens, calls } = joinedParts(choice.parts)
  return {
    ...head(answer),
    ...shape({
      text,
      ...(reasoning === '' ? {} : { thinking: reasoning }),
      calls: calls.flatMap(ollamaCall),
    }),
    ...(reports ? { logprobs: tokens.map(reportedToken) } : {}),
    ...tail(answer, choice.finishReason, answer.completionTokens),
  }
}

/** A stream of JSON lines. Calls come whole. */
export function ollamaLines<R extends Reply>(
  answer: BegunAnswer,
  shape: SaidShape<R>,
  reports: boolean,
): FrameWriter {
  const line = (said: Said, more: object = {}) =>
    `${JSON.stringify({ ...head(answer), ...shape(said), done: false, ...more })}\n`
  let finishReason: 'stop' | 'length' | 'tool_calls' = 'stop'
  let call: { id: string; name: string; pieces: string[] } | null = null
  let calls = 0
  return {
    begin: () => '',
    event({ choice, event }) {
      if (isTraced(event)) return line({}, { costeer: traceObject(choice, event) })
      switch (event.type) {
        case 'reasoning-delta':
          return line({ thinking: event.text })
        case 'text-delta':
          return line({ text: event.text }, reports ? { logprobs: event.tokens.map(reportedToken) } : {})
        case 'call-start':
          call = { id: event.id, name: event.name, pieces: [] }
          return ''
        case 'call-arguments':
          call?.pieces.push(event.text)
          return ''
        case 'call-end': {
          if (call === null) return ''
          const { id, name, pieces } = call
          const made = ollamaCall({ id, name, arguments: pieces.join('') }, calls++)
          return made.length === 0 ? '' : line({ calls: made })
        }
        case 'answer-end':
          finishReason = event.finishReason
          return ''
      }
    },
    end: ({ completionTokens }) => line({}, tail(answer, finishReason, completionTokens)),
    failure: (envelope) => `${JSON.stringify(ollamaError(envelope))}\n`,
    // JSON lines have no comments: a line that says nothing
    ping: line({}),
  }
}

function head({ identity: { model, created } }: BegunAnswer) {
  return { model, created_at: new Date(created * 1000).toISOString() }
}

function tail({ promptTokens }: BegunAnswer, finishReason: string, completionTokens: number) {
  return {
    done: true,
    done_reason: finishReason === 'length' ? ('length' as const) : ('stop' as const),
    prompt_eval_count: promptTokens,
    eval_count: completionTokens,
  }
}

/** None for a call that the limit cut off: half of its arguments is no object that a client may use. */
function ollamaCall({ id, name, arguments: json }: Omit<CompleteCall, 'type'>, index: number): OllamaCall[] {
  const given = callArguments(json)
  return given === null ? [] : [{ id, function: { index, name, arguments: given } }]
}
