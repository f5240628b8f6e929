import { z } from '@hono/zod-openapi'

/** Any content part; parts other than text are recognised here and refused (or passed on) later. */
const contentPartSchema = z
  .looseObject({
    type: z.string().openapi({ example: 'text' }),
    text: z.string().optional(),
  })
  .refine((part) => part.type !== 'text' || part.text !== undefined, {
    path: ['text'],
    message: 'a text part needs a `text` string',
  })
  .openapi('ContentPart')

/** One message as clients send it. Fields outside this list are judged by `unsteerable-chat.ts`. */
export const chatMessageSchema = z
  .looseObject({
    role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
    content: z
      .union([z.string(), z.array(contentPartSchema).min(1)], {
        error: 'expected a string or a non-empty array of content parts',
      })
      .nullish(),
    name: z.string().max(256).nullish().describe('Has no effect.'),
  })
  .openapi('ChatMessage')

export type WireMessage = z.infer<typeof chatMessageSchema>
export type WireContentPart = z.infer<typeof contentPartSchema>
