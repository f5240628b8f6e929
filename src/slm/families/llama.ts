import type { Family } from './family.ts'

export const llama: Family = { rotaryLayout: 'interleaved' }
