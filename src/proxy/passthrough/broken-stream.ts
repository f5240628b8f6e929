import { randomUUID } from 'node:crypto'
import { createParser } from 'eventsource-parser'
import { z } from 'zod'
import { jsonValue } from '../../json-value.ts'
import { failedResponseFrames } from '../answers/responses/failed-response-frames.ts'
import { anthropicError } from '../errors/anthropic-error.ts'
import { isAnthropicPath } from '../errors/error-form.ts'
import type { ErrorEnvelope } from '../errors/error-schema.ts'
import { dataFrame, eventFrame } from '../sse/sse-frame.ts'

/** Watches the events that a server sends, so that a break can be told in their own form. */
export interface BrokenStream {
  /** Sees each piece that goes out; every piece ends with an event. */
  saw(piece: Uint8Array): void
  /** The frames in place of the rest. */
  failure(envelope: ErrorEnvelope): string
}

/** `path` is the request's, from `/v1` on. Streams of an unknown form break as those of chat completions. */
export function brokenStream(path: string, unixSeconds: () => number): BrokenStream {
  const route = path.replace(/[?#].*$/s, '')
  if (/^\/v1\/responses(\/|$)/.test(route)) return brokenResponse(unixSeconds)
  return {
    saw: () => {},
    failure: isAnthropicPath(route) ? (envelope) => eventFrame(anthropicError(envelope)) : dataFrame,
  }
}

const begunEvent = z.looseObject({
  type: z.enum(['response.created', 'response.queued', 'response.in_progress']),
  response: z.looseObject({ id: z.string() }),
})

const SEQUENCE_NUMBER = /^"sequence_number"\s*:\s*(\d+)/

/** OpenAI's clients read a failure from `response.failed`, which holds the response that has begun. */
function brokenResponse(unixSeconds: () => number): BrokenStream {
  let begun: object | null = null
  let sequence = 0
  const decoder = new TextDecoder()
  const parser = createParser({
    onEvent({ data }) {
      begun ??= begunEvent.safeParse(jsonValue(data)).data?.response ?? null
    },
  })
  return {
    saw(piece) {
      if (begun === null) parser.feed(decoder.decode(piece, { stream: true }))
      sequence = lastSequenceNumber(piece) ?? sequence
    },
    failure(envelope) {
      const response = begun ?? unbegunResponse(unixSeconds())
      let next = begun === null ? sequence : sequence + 1
      return failedResponseFrames({ response, envelope, number: () => next++ })
    },
  }
}

/** What a client must find in a response of which nothing came. */
function unbegunResponse(created: number): object {
  const id = `resp_${randomUUID().replaceAll('-', '')}`
  return { id, object: 'response', created_at: created, output: [], incomplete_details: null, usage: null }
}

/** Inside a text the quotes of such a name would be escaped. */
function lastSequenceNumber(piece: Uint8Array): number | null {
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
  const at = bytes.lastIndexOf('"sequence_number"')
  if (at === -1) return null
  const [, digits] = bytes.toString('latin1', at, at + 60).match(SEQUENCE_NUMBER) ?? []
  return digits === undefined ? null : Number(digits)
}
