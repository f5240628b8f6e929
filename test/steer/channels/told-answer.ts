import type { AnswerChannels, SettledToken } from '../../../src/steer/channels/answer-channels.ts'
import type { ChannelGrammar } from '../../../src/steer/channels/channel-grammar.ts'
import { type ChannelEvent, ChannelReader } from '../../../src/steer/channels/channel-reader.ts'
import type { OfferedTools } from '../../../src/steer/channels/tool-calls/offered-tools.ts'
import type { TokenId } from '../../../src/steer/token-id.ts'

interface ToldCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** What a client has of an answer in the end. */
export interface ToldAnswer {
  readonly reasoning: string
  readonly answer: string
  readonly calls: readonly ToldCall[]
}

/** Puts a client's events together, and checks that each call begins once and before its arguments. */
function together(events: readonly ChannelEvent[]): ToldAnswer {
  let reasoning = ''
  let answer = ''
  const calls: { id: string; name: string; arguments: string; isOver: boolean }[] = []
  for (const event of events) {
    switch (event.type) {
      case 'reasoning-delta':
        reasoning += event.text
        break
      case 'answer-delta':
        answer += event.text
        break
      case 'call-start':
        if (event.index !== calls.length) throw new Error(`call ${event.index} begins out of turn`)
        calls.push({ id: event.id, name: event.name, arguments: '', isOver: false })
        break
      default: {
        const call = calls[event.index]
        if (call === undefined || call.isOver) throw new Error(`call ${event.index} is not open`)
        if (event.type === 'call-end') call.isOver = true
        else call.arguments += event.text
      }
    }
  }
  if (calls.some(({ isOver }) => !isOver)) throw new Error('a call does not end')
  return { reasoning, answer, calls: calls.map(({ isOver: _, ...call }) => call) }
}

export interface Told extends ToldAnswer {
  readonly settled: readonly SettledToken[]
}

/**
 * Runs an answer's tokens through channels and reader. Ids of calls are `call_0`, `call_1`, or short ones.
 */
export function tell(
  { channels, grammar, tools }: { channels: AnswerChannels; grammar: ChannelGrammar; tools: OfferedTools },
  prompt: readonly TokenId[],
  answer: readonly TokenId[],
): Told {
  let ids = 0
  const newCallId = (form: 'long' | 'short') => (form === 'long' ? `call_${ids++}` : `short000${ids++}`)
  const reader = new ChannelReader({ grammar, tools, newCallId })
  const events: ChannelEvent[] = []
  const settled: SettledToken[] = []
  let state = channels.begin(prompt)
  for (const token of answer) {
    const step = channels.next(state, token)
    settled.push(...step.settled)
    events.push(...reader.push(step.parts))
    state = step.state
  }
  events.push(...reader.finish(channels.finish(state)))
  return { ...together(events), settled }
}
