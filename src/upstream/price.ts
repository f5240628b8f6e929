import { z } from 'zod'

const amount = z.number().min(0)

/** What a service takes for a million tokens, in a currency of its own. */
export const priceSetting = z
  .strictObject({
    in: amount.describe('Of a million tokens that are sent.'),
    cached: amount
      .optional()
      .describe('Of a million that the service has read before; unless given, as much as `in`.'),
    out: amount.describe('Of a million tokens that come back.'),
  })
  .optional()
  .describe(
    'What the service takes, in whatever currency `budget` is in; with it, what answers cost is counted.',
  )

export type Price = NonNullable<z.infer<typeof priceSetting>>
