import type { z } from 'zod'
import type { AppContext } from './app-env.ts'

/**
 * The headers of a request that a schema describes. A record of all that were sent costs as much as a good
 * part of the way of a request that is passed on.
 */
export function headersOf(c: AppContext, { shape }: z.ZodObject): Record<string, string | undefined> {
  return Object.fromEntries(Object.keys(shape).map((name) => [name, c.req.header(name)]))
}
