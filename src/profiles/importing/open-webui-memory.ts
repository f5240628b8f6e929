import { z } from 'zod'
import type { Finding } from './finding.ts'

/** As the API of Open WebUI lists them, and its export does. */
const memorySchema = z.object({
  content: z.string(),
  user_id: z.string(),
  created_at: z.number(),
  updated_at: z.number(),
})

/** A memory of Open WebUI, which is a sentence about the user; null when the item is none. */
export function openWebUiMemory(item: unknown): Finding[] | null {
  const parsed = memorySchema.safeParse(item)
  if (!parsed.success) return null
  const text = parsed.data.content.replace(/\s+/g, ' ').trim()
  return text === '' ? [] : [{ type: 'fact', text }]
}
