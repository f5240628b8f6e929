import { describe, expect, test } from 'vitest'
import { isTree, type PairDecoder, type PairStep } from '../../../src/slm/decoder/decoder.ts'
import { sharedPasses } from '../../../src/slm/decoder/shared-passes.ts'

const chain = { streams: [] }
const tree = {
  streams: [],
  parents: Int32Array.of(-1),
  tokens: Int32Array.of(7),
  strength: 1,
  publicLogits: false,
}

/** A decoder that notes how many steps each of its passes has; `fails` says which passes do not succeed. */
function noted({ fails = () => false }: { readonly fails?: (steps: number) => boolean } = {}) {
  const passes: string[] = []
  const pass = async (name: string, steps: readonly PairStep[]) => {
    passes.push(name)
    await new Promise(setImmediate)
    if (fails(steps.length)) throw new Error(`a pass of ${steps.length}`)
    return steps.map((step) => ({ of: step }))
  }
  const decoder = {
    run: async (step: PairStep) => (await pass('chain', [step]))[0],
    runTree: async (step: PairStep) => (await pass('tree', [step]))[0],
    runTogether: (steps: readonly PairStep[]) => pass(`together ${steps.length}`, steps),
  } as unknown as PairDecoder
  const { run, runTree } = sharedPasses(decoder)
  return { passes, run, runTree: runTree as NonNullable<typeof runTree> }
}

describe('steps that are asked for at once', () => {
  test('share a pass from three on, four at most, and each gets its own rows', async () => {
    const { passes, run, runTree } = noted()
    const steps = [{ ...chain }, { ...tree }, { ...chain }, { ...tree }, { ...chain }]
    const rows = await Promise.all(steps.map((step) => (isTree(step) ? runTree(step) : run(step))))
    expect(passes).toEqual(['together 4', 'chain'])
    for (const [index, row] of rows.entries()) expect((row as { of?: unknown }).of).toBe(steps[index])
  })

  test('go one by one where they are two', async () => {
    const { passes, run, runTree } = noted()
    await Promise.all([run(chain), runTree(tree)])
    expect(passes).toEqual(['chain', 'tree'])
  })

  test('fail together, and those after them go on', async () => {
    const { passes, run } = noted({ fails: (steps) => steps === 4 })
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map(() => run(chain)))
    expect(results.map(({ status }) => status)).toEqual([...Array(4).fill('rejected'), 'fulfilled'])
    await expect(run(chain)).resolves.toBeDefined()
    expect(passes).toEqual(['together 4', 'chain', 'chain'])
  })
})

test('a decoder that cannot share passes stays as it is', () => {
  const decoder = { run: async () => ({}) } as unknown as PairDecoder
  expect(sharedPasses(decoder)).toBe(decoder)
})
