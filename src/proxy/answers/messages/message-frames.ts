import type { AnswerEvent } from '../../../gateway/answer.ts'
import { anthropicError } from '../../errors/anthropic-error.ts'
import { eventFrame } from '../../sse/sse-frame.ts'
import type { BegunAnswer, CompleteChoice, FrameWriter } from '../answer-endpoint.ts'
import { isTraced, type TracedEvent, traceObject } from '../trace/trace-object.ts'
import { begunMessage, messageUsage, stop } from './message-object.ts'
import type { MessageDelta, MessageEvent, WireAnswerBlock } from './message-object-schema.ts'

type SaidEvent = Exclude<AnswerEvent, TracedEvent | { readonly type: 'answer-end' }>

/** A streamed message: from `message_start` over its blocks, one after the other, to `message_stop`. */
export function messageFrames(answer: BegunAnswer): FrameWriter {
  const blocks = new OpenBlocks()
  let ending: Pick<CompleteChoice, 'finishReason' | 'stopString'> = { finishReason: 'stop' }
  return {
    begin: () => frame({ type: 'message_start', message: begunMessage(answer) }),
    event({ choice, event }) {
      // Clients throw at types that they do not know, and skip pings
      if (isTraced(event)) return frame({ type: 'ping', costeer: traceObject(choice, event) })
      if (event.type !== 'answer-end') return blocks.say(event).map(frame).join('')
      ending = event
      return ''
    },
    end(ended) {
      const usage = messageUsage(answer.promptTokens, ended)
      const events: readonly MessageEvent[] = [
        ...blocks.close(),
        { type: 'message_delta', delta: stop(ending), usage },
        { type: 'message_stop' },
      ]
      return events.map(frame).join('')
    },
    failure: (envelope) => eventFrame(anthropicError(envelope)),
    ping: frame({ type: 'ping' }),
  }
}

function frame(event: MessageEvent): string {
  return eventFrame(event)
}

/** The blocks of one message. Each method returns the events that tell of it. */
class OpenBlocks {
  #index = -1
  #open: WireAnswerBlock['type'] | null = null

  say(event: SaidEvent): readonly MessageEvent[] {
    switch (event.type) {
      case 'reasoning-delta':
        return [
          ...this.#in({ type: 'thinking', thinking: '', signature: '' }),
          this.#delta({ type: 'thinking_delta', thinking: event.text }),
        ]
      case 'text-delta':
        if (event.text === '') return []
        return [
          ...this.#in({ type: 'text', text: '', citations: null }),
          this.#delta({ type: 'text_delta', text: event.text }),
        ]
      case 'call-start':
        return this.#begin({ type: 'tool_use', id: event.id, name: event.name, input: {} })
      case 'call-arguments':
        return [this.#delta({ type: 'input_json_delta', partial_json: event.text })]
      case 'call-end':
        return []
    }
  }

  close(): readonly MessageEvent[] {
    if (this.#open === null) return []
    this.#open = null
    return [{ type: 'content_block_stop', index: this.#index }]
  }

  #in(block: WireAnswerBlock): readonly MessageEvent[] {
    return this.#open === block.type ? [] : this.#begin(block)
  }

  #begin(content_block: WireAnswerBlock): readonly MessageEvent[] {
    const closed = this.close()
    this.#open = content_block.type
    this.#index += 1
    return [...closed, { type: 'content_block_start', index: this.#index, content_block }]
  }

  #delta(delta: MessageDelta): MessageEvent {
    return { type: 'content_block_delta', index: this.#index, delta }
  }
}
