import type { Family } from './family.ts'

export const qwen3: Family = { rotaryLayout: 'halves', queryKeyNorm: 'head' }
