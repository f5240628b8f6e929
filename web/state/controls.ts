import { signal } from '@preact/signals'
import { type FtrlParameters, paperParameters } from '../../src/steer/strength/ftrl-strength.ts'

export const examplePrompts = [
  'Introduce yourself in a few sentences.',
  'Write a short invitation to dinner on Friday for my neighbour.',
  'What do you see from your window this morning?',
] as const

export const prompt = signal<string>(examplePrompts[0])
/**
 * The id of the chosen profile; null until profiles are known, or for the one that the API key is bound to.
 */
export const picked = signal<string | null>(null)
/** The name of the chosen model; null for the gateway's first. */
export const pickedModel = signal<string | null>(null)
/** c_T; null for the chosen model's own. */
export const strength = signal<number | null>(null)
export const expert = signal<FtrlParameters>(paperParameters)
// Without chance, every difference between two answers comes from the profile.
export const temperature = signal(0)
export const topP = signal(0.9)
/**
 * What is taken, of embedded models, from the score of a token that the answer holds already, for each time:
 * small ones go in circles without it. A server would have to be asked for one token at a time.
 */
export const EMBEDDED_PENALTY = 0.45
/** Null for what suits the chosen model. */
export const frequencyPenalty = signal<number | null>(null)
export const seed = signal(1)
export const maxTokens = signal(80)
export const lookahead = signal<'auto' | 'off'>('auto')
