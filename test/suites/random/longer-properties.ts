import type { IAsyncProperty, IProperty, Parameters } from 'fast-check'
import { vi } from 'vitest'

/** For each property, unless all its samples are drawn before. */
const TIME_LIMIT_MS = 10_000
const TIMES_AS_MANY = 50
const USUAL_RUNS = 100

vi.mock('fast-check', async (importOriginal) => {
  const original = await importOriginal<typeof import('fast-check')>()

  /** fast-check's own time limit goes on to the next test while a sample still runs. */
  function until<Values>(
    deadlineMs: number,
    property: IProperty<Values> | IAsyncProperty<Values>,
  ): IProperty<Values> {
    const run = (value: Values) =>
      performance.now() < deadlineMs ? property.run(value) : new original.PreconditionFailure(true)
    return Object.assign(Object.create(property), { run })
  }

  function assertForLonger<Values>(
    property: IProperty<Values> | IAsyncProperty<Values>,
    { numRuns = USUAL_RUNS, ...parameters }: Parameters<Values> = {},
  ): Promise<void> | void {
    return original.assert(until(performance.now() + TIME_LIMIT_MS, property), {
      ...parameters,
      numRuns: numRuns * TIMES_AS_MANY,
      markInterruptAsFailure: false,
    })
  }
  const longer = { ...original, assert: assertForLonger }
  return { ...longer, default: longer }
})
