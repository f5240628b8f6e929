import { computed, signal } from '@preact/signals'
import { t } from '../texts/texts.ts'

/** A function that a model may call, as OpenAI's `tools` have it. */
export const exampleTools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather of a place in the next days.',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'integer' } },
        required: ['city'],
      },
    },
  },
] as const

/** What is written in the page's field for tools. */
export const toolsText = signal('')

interface OfferedTools {
  readonly tools: readonly unknown[]
  /** Why what is written cannot be sent; null for nothing. */
  readonly problem: string | null
}

/** The tools that go with each question: the gateway knows more of what one must hold. */
export const offeredTools = computed(() => toolsOf(toolsText.value))

export function toolsOf(text: string): OfferedTools {
  if (text.trim() === '') return { tools: [], problem: null }
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed)) return { tools: parsed, problem: null }
    return { tools: [], problem: t().controls.toolsNoList }
  } catch (error) {
    return { tools: [], problem: t().controls.toolsNoJson((error as Error).message) }
  }
}
