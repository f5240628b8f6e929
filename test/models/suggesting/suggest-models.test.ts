import { describe, expect, test } from 'vitest'
import { loadCatalogue } from '../../../src/models/catalogue.ts'
import { entryBits, type LocalPrecision } from '../../../src/models/prepare-model.ts'
import { bestSuggestion, suggestModels } from '../../../src/models/suggesting/suggest-models.ts'

const catalogue = await loadCatalogue()

function suggested(upstream: string, precision: LocalPrecision = 8) {
  return suggestModels(catalogue, { upstream, bytesPerSecond: 1e10, precision })
}

describe('local models that fit an upstream', () => {
  test.each([
    ['Qwen/Qwen3-32B', 'qwen2.5-0.5b', 'exact'],
    ['qwen2.5-coder-14b-instruct-q4_k_m.gguf', 'qwen2.5-0.5b', 'exact'],
    ['meta-llama/Llama-3.3-70B-Instruct', 'llama-3.2-1b', 'exact'],
    ['google/gemma-3-27b-it', 'gemma-3-270m', 'exact'],
    ['ibm-granite/granite-4.0-h-small', 'granite-4.0-350m', 'exact'],
    ['Qwen/Qwen3.5-27B', 'smollm2-135m', 'bytes'],
    ['openai/gpt-oss-20b', 'smollm2-135m', 'bytes'],
  ])('%s: %s is among them, with alignment: %s', (upstream, name, alignment) => {
    const models = suggested(upstream)
    expect(models.map(({ entry }) => entry.name)).toContain(name)
    expect(new Set(models.map((model) => model.alignment))).toEqual(new Set([alignment]))
  })

  test('come with the smallest first, and take the longer a token the larger they are', () => {
    const models = suggested('Qwen/Qwen3-32B')
    const parameters = models.map(({ entry }) => entry.parameters)
    expect(parameters).toEqual([...parameters].sort((a, b) => a - b))
    for (const { entry, stepMs, memoryBytes } of models) {
      expect(stepMs).toBeCloseTo((entry.parameters * 1.25) / 1e7, 3)
      expect(memoryBytes).toBeGreaterThan(entry.parameters)
    }
  })

  test('take less memory and time with 4 bits than with 8', () => {
    const [four, eight] = [suggested('Qwen/Qwen3-32B', 4), suggested('Qwen/Qwen3-32B', 8)]
    expect(four.map(({ bits }) => bits)).toEqual(four.map(() => 4))
    for (const [at, { memoryBytes, stepMs }] of four.entries()) {
      expect(memoryBytes).toBeLessThan(eight[at]?.memoryBytes ?? 0)
      expect(stepMs).toBeLessThan(eight[at]?.stepMs ?? 0)
    }
  })

  test('have the bits that a start would give them, unless others are wanted', () => {
    const upstream = 'Qwen/Qwen3-32B'
    const withBits = (bits: 4 | 8) =>
      suggestModels(
        { ...catalogue, entries: catalogue.entries.map((entry) => ({ ...entry, bits })) },
        { upstream, bytesPerSecond: 1e10 },
      )
    for (const { bits, entry } of withBits(4)) expect(bits).toBe(entryBits('auto', { entry }))
    expect(new Set(withBits(8).map(({ bits }) => bits))).toEqual(new Set([8]))
  })
})

describe('the one to take', () => {
  const best = (upstream: string, machine: { bytesPerSecond?: number; machineBytes?: number } = {}) => {
    const { bytesPerSecond = 1e11, machineBytes = 1e12 } = machine
    const suggestions = suggestModels(catalogue, { upstream, bytesPerSecond, precision: 8 })
    return bestSuggestion(suggestions, { upstream, machineBytes })?.entry.name
  }

  test('is the largest whose step is quick: more of a profile comes through', () => {
    expect(best('meta-llama/Llama-3.3-70B-Instruct')).toBe('llama-3.2-3b')
    expect(best('meta-llama/Llama-3.3-70B-Instruct', { bytesPerSecond: 4e10 })).toBe('llama-3.2-1b')
  })

  test('leaves most of the memory to others', () => {
    expect(best('meta-llama/Llama-3.3-70B-Instruct', { machineBytes: 8e9 })).toBe('llama-3.2-1b')
  })

  test('is the smallest where none is quick', () => {
    expect(best('meta-llama/Llama-3.3-70B-Instruct', { bytesPerSecond: 1e9 })).toBe('llama-3.2-1b')
  })

  test("is of the upstream's own family where one is quick enough", () => {
    expect(best('Qwen/Qwen2.5-Coder-32B-Instruct')).toMatch(/^qwen2\.5-coder-/)
    expect(best('Qwen/Qwen3-32B')).toMatch(/^qwen3-/)
  })
})
