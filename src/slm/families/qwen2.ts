import type { Family } from './family.ts'

export const qwen2: Family = { rotaryLayout: 'halves' }
