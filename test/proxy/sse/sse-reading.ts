import { createParser } from 'eventsource-parser'
import { z } from 'zod'
import { chatCompletionChunkSchema } from '../../../src/proxy/answers/chat/chat-response-schema.ts'

/** The data of every event in a text of server-sent events. */
export function eventData(pieces: Iterable<string>): string[] {
  const data: string[] = []
  const parser = createParser({ onEvent: (event) => void data.push(event.data) })
  for (const piece of pieces) parser.feed(piece)
  return data
}

/** A streamed answer's chunks, checked against their schema, and whether `[DONE]` came last. */
export async function streamOf(response: Response) {
  const data = eventData([await response.text()])
  const done = data.at(-1) === '[DONE]'
  const events = (done ? data.slice(0, -1) : data).map((line): unknown => JSON.parse(line))
  return { done, events, chunks: () => z.array(chatCompletionChunkSchema).parse(events) }
}
