import type { StreamedToken } from '../../../src/steer/upstream.ts'

/** All steps of a stream, once it is over. */
export async function collectedSteps(steps: AsyncIterable<StreamedToken>): Promise<StreamedToken[]> {
  const all: StreamedToken[] = []
  for await (const step of steps) all.push(step)
  return all
}
