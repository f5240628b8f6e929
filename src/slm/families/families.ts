import { z } from 'zod'
import type { DecoderTraits, Family, FamilyModel } from './family.ts'
import { gemma3 } from './gemma3.ts'
import { granite } from './granite.ts'
import { llama } from './llama.ts'
import { mistral3 } from './mistral3.ts'
import { olmo2 } from './olmo2.ts'
import { phi3 } from './phi3.ts'
import { qwen2 } from './qwen2.ts'
import { qwen3 } from './qwen3.ts'
import { smollm3 } from './smollm3.ts'

/**
 * The families of local models by GGUF's `general.architecture`. A new one is a row here: no other source
 * lists them.
 */
const table = {
  llama,
  qwen2,
  qwen3,
  gemma3,
  granite,
  smollm3,
  mistral3,
  phi3,
  olmo2,
} as const satisfies Readonly<Record<string, Family>>

/** 0 where the width of heads says it. */
const scaleKeys = z.object({ 'attention.scale': z.number().min(0).default(0) })

export type FamilyName = keyof typeof table

export const familyNames = Object.keys(table) as readonly FamilyName[]

/** `llama, qwen2 or qwen3`, for people. */
export const anyFamily = new Intl.ListFormat('en', { type: 'disjunction' }).format(familyNames)

export function isFamily(name: unknown): name is FamilyName {
  return typeof name === 'string' && Object.hasOwn(table, name)
}

/** The family with its defaults filled in. */
export function familyOf(name: FamilyName): Required<Omit<Family, 'traits'>> {
  const { rotaryLayout, norms = 'before', queryKeyNorm = 'none', activation = 'silu' }: Family = table[name]
  return { rotaryLayout, norms, queryKeyNorm, activation }
}

const namedLayers = z.object({
  'attention.sliding_window': z.coerce.number().int().min(1),
  'attention.sliding_window_pattern': z.array(z.boolean()).min(1),
})

/** Where each layer is named: a window by itself is one that llama.cpp does without in most families. */
function namedLocality(keys: FamilyModel['keys']): DecoderTraits['locality'] {
  const { success, data } = namedLayers.safeParse(keys)
  if (!success) return null
  return {
    tokens: data['attention.sliding_window'],
    layers: data['attention.sliding_window_pattern'],
  }
}

/** How a model's decoder differs from others. Throws ZodError for a key that its family cannot use. */
export function decoderTraits(name: FamilyName, model: FamilyModel): DecoderTraits {
  const { contextTokens, layers, rotation, headDim, keys } = model
  const { 'attention.scale': attentionScale } = scaleKeys.parse(keys)
  const { traits }: Family = table[name]
  return {
    contextTokens,
    rotations: new Array<typeof rotation>(layers).fill(rotation),
    locality: namedLocality(keys),
    embeddingScale: 1,
    residualScale: 1,
    attentionScale: attentionScale || 1 / Math.sqrt(headDim),
    logitScale: 1,
    logitCap: null,
    ...traits?.(model),
  }
}
