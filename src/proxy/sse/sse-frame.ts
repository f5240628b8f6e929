// This room owns the form of server-sent events. It must not know what they tell.
/** A server-sent event with JSON data. JSON has no raw line breaks, so one `data:` line holds it. */
export function dataFrame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

/** The same under the name of its type. */
export function eventFrame<Event extends { readonly type: string }>(event: Event): string {
  return `event: ${event.type}\n${dataFrame(event)}`
}

export const DONE_FRAME = 'data: [DONE]\n\n'

/** A comment, which parsers skip and which keeps proxies and clients from timing out. */
export const PING_FRAME = ': ping\n\n'

export const sseHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
} as const
