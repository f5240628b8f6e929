import { signal } from '@preact/signals'
import { type FtrlParameters, paperParameters } from '../../src/steer/ftrl-strength.ts'

export const examplePrompts = [
  'Invite a friend to dinner on Friday, in a short note.',
  'Describe this morning’s weather to someone far away.',
  'Ask my landlord to repair the heating.',
  'What should I pack for a weekend by the sea?',
] as const

export const prompt = signal<string>(examplePrompts[0])
/** The id of the chosen profile; null until profiles are known, or for the one that the API key is bound to. */
export const picked = signal<string | null>(null)
/** c_T; null until the gateway has told its default. */
export const strength = signal<number | null>(null)
export const expert = signal<FtrlParameters>(paperParameters)
export const temperature = signal(0)
export const seed = signal(1)
export const maxTokens = signal(160)
export const lookahead = signal<'auto' | 'off'>('auto')
