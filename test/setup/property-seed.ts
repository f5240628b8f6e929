import fc from 'fast-check'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where all properties begin to draw their samples. */
    propertySeed: number
  }
}

fc.configureGlobal({ seed: inject('propertySeed') })
