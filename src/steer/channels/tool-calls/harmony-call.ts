import type { CallPart, CallReader } from './call-reader.ts'
import type { OfferedTools } from './offered-tools.ts'

/**
 * A message to a tool: its text is the arguments. One to a tool that nobody offers, such as gpt-oss's own
 * browser, is dropped, as vLLM and llama.cpp do.
 */
export class HarmonyCall implements CallReader {
  readonly failed = false
  readonly #name: string
  readonly #isOffered: boolean
  #isBegun = false

  constructor(name: string, tools: OfferedTools) {
    this.#name = name
    this.#isOffered = tools.has(name)
  }

  push(text: string): readonly CallPart[] {
    if (!this.#isOffered) return []
    const start = this.#start()
    return [...start, { type: 'call-arguments', text }]
  }

  end(): readonly CallPart[] {
    if (!this.#isOffered) return []
    const start = this.#start()
    const whole: CallPart[] = start.length > 0 ? [{ type: 'call-arguments', text: '{}' }] : []
    return [...start, ...whole, { type: 'call-end' }]
  }

  #start(): CallPart[] {
    if (this.#isBegun) return []
    this.#isBegun = true
    return [{ type: 'call-start', name: this.#name, id: null }]
  }
}
