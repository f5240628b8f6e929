import { z } from '@hono/zod-openapi'
import { historyEntrySchema } from '../../profiles/profile.ts'

const like = z
  .enum(['same', 'similar'])
  .nullable()
  .describe('Whether the profile has it already, or the list above it, word for word or nearly.')

const day = z.string().nullable().describe('`2024-05-31`.')

const foundTextSchema = z.object({
  task: z.string().describe('What the text was written for, made by rule.'),
  text: z.string(),
  date: day,
  kind: z.enum(['written', 'kept']).describe("`kept`: a model's answer that the user rated good."),
  place: z.string().describe('Where in the file it stands.'),
  like,
})

export const importQuerySchema = z.strictObject({
  name: z.string().min(1).max(1000).describe("The file's name."),
  modified: z.iso.date().optional().describe('When the file was last changed.'),
  from: z.array(z.string().max(320)).max(50).describe("The user's mail addresses; needed for mail."),
})

export const importPreviewSchema = z
  .object({
    object: z.literal('profile.import'),
    format: z.enum(['chatgpt', 'claude', 'open-webui', 'mbox', 'eml', 'markdown', 'text', 'zip']).nullable(),
    texts: z.array(foundTextSchema).readonly().describe('Newest first.'),
    facts: z.array(z.object({ text: z.string(), like })).readonly(),
    counts: z.object({
      read: z.int(),
      new: z.int(),
      same: z.int(),
      similar: z.int(),
      leftOut: z
        .array(
          z.object({
            reason: z.enum(['too-short', 'too-long', 'not-yours', 'no-text', 'beyond-limit']),
            count: z.int(),
          }),
        )
        .readonly(),
    }),
    senders: z
      .array(z.object({ address: z.string(), messages: z.int() }))
      .readonly()
      .describe('Who wrote the mail in the file, most frequent first.'),
    needsFrom: z.boolean().describe('There is mail, and `from` was missing: send the file again with it.'),
    problems: z
      .array(z.object({ place: z.string(), message: z.string() }))
      .readonly()
      .describe('What could not be read, while the rest could.'),
  })
  .openapi('ProfileImport')

export const addTextsRequestSchema = z
  .strictObject({
    texts: z.array(historyEntrySchema).max(10_000).default([]),
    facts: z.array(z.string().trim().min(1).max(1000)).max(1000).default([]),
    similar: z.enum(['drop', 'add']).default('drop').describe('What becomes of texts that nearly are there.'),
  })
  .refine(({ texts, facts }) => texts.length + facts.length > 0, {
    path: ['texts'],
    error: 'must hold at least one text, or "facts" a fact',
  })
  .openapi('ProfileTextsRequest')

export const addedTextsSchema = z
  .object({
    object: z.literal('profile.texts.added'),
    id: z.string(),
    added: z.int(),
    facts: z.int(),
    same: z.int(),
    similar: z.int(),
    total: z.int().describe('Texts that the profile has now.'),
    backup: z.string().nullable(),
  })
  .openapi('ProfileTextsAdded')

export const textsQuerySchema = z.strictObject({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const storedTextsSchema = z
  .object({
    object: z.literal('list'),
    total: z.int(),
    data: z
      .array(
        z.object({
          key: z.string().describe('Names the text when it is to be removed.'),
          task: z.string(),
          text: z.string(),
          date: day,
        }),
      )
      .describe('Newest first.'),
  })
  .openapi('ProfileTexts')

export type ImportPreview = z.infer<typeof importPreviewSchema>
export type AddedTexts = z.infer<typeof addedTextsSchema>
export type StoredTexts = z.infer<typeof storedTextsSchema>
