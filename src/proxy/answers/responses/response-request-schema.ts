import { z } from '@hono/zod-openapi'
import { MAX_MESSAGES, modelField, samplingFields, userField } from '../wire/sampling-schema.ts'
import { costeerSchema } from '../wire/steering-schema.ts'

/** Any part; parts other than text are recognised here and refused (or passed on) later. */
const inputPartSchema = z
  .looseObject({
    type: z.string().openapi({ example: 'input_text' }),
    text: z.string().optional(),
  })
  .refine((part) => !isTextPart(part) || part.text !== undefined, {
    path: ['text'],
    message: 'a text part needs a `text` string',
  })

const inputItemSchema = z
  .looseObject({
    type: z.string().nullish().describe('`message`, also when it is missing.'),
    role: z.enum(['system', 'developer', 'user', 'assistant']).optional(),
    content: z
      .union([z.string(), z.array(inputPartSchema)], {
        error: 'expected a string or an array of content parts',
      })
      .nullish(),
  })
  .refine((item) => !isMessage(item) || item.role !== undefined, {
    path: ['role'],
    message: 'a message needs a `role`',
  })
  .refine((item) => !isMessage(item) || item.content != null, {
    path: ['content'],
    message: 'a message needs `content`',
  })

/**
 * The body of POST /v1/responses: the fields that shape a steered answer, with OpenAI's ranges.
 * Null means the default throughout. Fields outside this list are judged by `unsteerable-response.ts`.
 */
export const responseRequestSchema = z
  .looseObject({
    model: modelField,
    input: z.union([z.string().min(1), z.array(inputItemSchema).min(1).max(MAX_MESSAGES)], {
      error: `expected a non-empty string or an array of 1 to ${MAX_MESSAGES} items`,
    }),
    instructions: z.string().nullish().describe('A system message ahead of the input.'),
    temperature: samplingFields.temperature,
    top_p: samplingFields.top_p,
    max_output_tokens: z.int().min(1).nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    include: z
      .array(z.string())
      .nullish()
      .describe('`message.output_text.logprobs`; what else it may name never occurs.'),
    stream: z.boolean().nullish(),
    stream_options: z.strictObject({ include_obfuscation: z.boolean().nullish() }).nullish(),
    metadata: z.record(z.string(), z.string()).nullish().describe('Comes back with the answer.'),
    user: userField,
    costeer: costeerSchema.nullish(),
  })
  .openapi('ResponseRequest')

export type WireResponseRequest = z.infer<typeof responseRequestSchema>
export type WireInputItem = z.infer<typeof inputItemSchema>

export function isMessage({ type }: { readonly type?: string | null | undefined }): boolean {
  return type == null || type === 'message'
}

export function isTextPart({ type }: { readonly type: string }): boolean {
  return type === 'input_text' || type === 'output_text' || type === 'text'
}
