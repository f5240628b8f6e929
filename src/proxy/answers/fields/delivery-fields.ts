import { z } from '@hono/zod-openapi'
import { invalidField } from '../../errors/invalid-request.ts'
import { harmlessOf, honoured, shapeOf } from './field-table.ts'

/** A number of tokens. Servers take -1 for no limit, and so do we. */
export const tokenLimit = z
  .int()
  .min(-1)
  .refine((count) => count !== 0, 'expected at least 1, or -1 for no limit')

/** The least of the limits that are given; undefined for none. */
export function leastLimit(...limits: (number | null | undefined)[]): number | undefined {
  const least = Math.min(...limits.map((limit) => (limit == null || limit === -1 ? Infinity : limit)))
  return least === Infinity ? undefined : least
}

/** Fields that say how many answers there are, and where they stop. */
export const choiceFields = {
  n: honoured(z.int().min(1).max(16), { values: '1 to 16 independent answers', default: '1' }),
  stop: honoured(
    z.union([z.string(), z.array(z.string()).max(16)], {
      error: 'expected a string or an array of at most 16 strings',
    }),
    { values: 'a string, or up to 16; never part of the answer; empty ones count for none' },
  ),
}

const stream = honoured(z.boolean(), { values: 'boolean', default: 'false' })
const eventOptions = { include_obfuscation: harmlessOf(z.boolean().nullish(), 'boolean') }
const chunkOptions = {
  include_usage: honoured(z.boolean(), {
    values: 'boolean; a last chunk then has the usage',
    default: 'false',
  }),
  ...eventOptions,
}

/** Fields of an endpoint whose streams are events of many types. */
export const eventStreamFields = {
  stream,
  stream_options: honoured(z.looseObject(shapeOf(eventOptions)), {
    values: 'object',
    inner: eventOptions,
  }),
}

/** Fields of the endpoints whose streams are chunks of one type. */
export const chunkStreamFields = {
  stream,
  stream_options: honoured(z.looseObject(shapeOf(chunkOptions)), {
    values: 'object; needs `stream: true`',
    inner: chunkOptions,
  }),
}

type WireChunkStream = {
  readonly [Field in keyof typeof chunkStreamFields]?: z.infer<(typeof chunkStreamFields)[Field]['schema']>
}

/** Whether the stream ends with a chunk of usage. */
export function includesUsage({ stream_options }: WireChunkStream): boolean {
  return stream_options?.include_usage === true
}

/** Throws `invalid_request` where options have no stream to apply to. */
export function checkStreamOptions({ stream, stream_options }: WireChunkStream): void {
  if (stream_options == null || stream === true) return
  throw invalidField('stream_options', 'stream_options needs stream: true.')
}

/** The strings to stop at. A client's empty text box is none. */
export function stopStrings({
  stop,
}: {
  readonly stop?: string | string[] | null | undefined
}): readonly string[] {
  return [stop ?? []].flat().filter((text) => text !== '')
}
