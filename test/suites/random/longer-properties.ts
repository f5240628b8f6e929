import type { IAsyncProperty, IProperty, Parameters } from 'fast-check'
import { vi } from 'vitest'

/** For each property, unless all its samples are drawn before. */
const TIME_LIMIT_MS = 10_000
const TIMES_AS_MANY = 50
const USUAL_RUNS = 100

vi.mock('fast-check', async (importOriginal) => {
  const original = await importOriginal<typeof import('fast-check')>()
  function assertForLonger<Values>(
    property: IProperty<Values> | IAsyncProperty<Values>,
    { numRuns = USUAL_RUNS, ...parameters }: Parameters<Values> = {},
  ): Promise<void> | void {
    return original.assert(property as IProperty<Values>, {
      ...parameters,
      numRuns: numRuns * TIMES_AS_MANY,
      interruptAfterTimeLimit: TIME_LIMIT_MS,
      markInterruptAsFailure: false,
    })
  }
  const longer = { ...original, assert: assertForLonger }
  return { ...longer, default: longer }
})
