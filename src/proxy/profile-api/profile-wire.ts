import { z } from '@hono/zod-openapi'
import { profileSchema } from '../../profiles/profile.ts'

const { writing_style, ...otherKeys } = profileSchema.shape

/** Objects of the profile API. The profile itself has the keys of its file. */
export const wireProfileSchema = z
  .strictObject({
    ...otherKeys,
    writing_style: writing_style
      .describe('A list of texts; a single one may be sent as it is.')
      .openapi({ type: ['array', 'string', 'null'] }),
  })
  .openapi('Profile')

const problemSchema = z.object({
  line: z.int().nullable(),
  key: z.string().nullable(),
  message: z.string(),
})

const profileEntrySchema = z.object({
  id: z.string(),
  name: z.string(),
  summary: z.string().describe('Who it is, in a sentence or two.'),
  empty: z.boolean().describe('Whether it says nothing of its user but a name, so that it changes nothing.'),
  problems: z.array(problemSchema).describe('Why the file is not in use as it stands; empty when it is.'),
})

export const profileListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(profileEntrySchema),
    deleted: z
      .array(z.object({ id: z.string(), deletedAt: z.iso.datetime() }))
      .describe('Profiles that are no more and can be restored, the last deleted first.'),
  })
  .openapi('ProfileList')

export const profileVersionSchema = z
  .object({
    id: z.string(),
    backup: z.string().nullable().describe('The version before, for `restore`; null when there was none.'),
  })
  .openapi('ProfileVersion')

export const backupListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        name: z.string(),
        of: z.enum(['profile', 'texts']).describe('The profile itself, or the texts beside it.'),
        savedAt: z.iso.datetime(),
      }),
    ),
  })
  .openapi('ProfileBackupList')

export const restoreRequestSchema = z
  .strictObject({ backup: z.string().max(200).optional().describe('Missing: the newest.') })
  .openapi('ProfileRestoreRequest')

export const previewRequestSchema = z
  .strictObject({
    query: z.string().max(100_000).describe('What the user would ask.'),
    system: z.string().max(100_000).optional().describe("The conversation's own system prompt."),
  })
  .openapi('ProfilePreviewRequest')

export const previewSchema = z
  .object({
    messages: z
      .array(z.object({ role: z.enum(['system', 'user', 'assistant']), text: z.string() }))
      .readonly()
      .describe('What stands before the conversation, exactly as the local model gets it.'),
    tokens: z.int().nullable().describe('Null where no local model is at hand to count them.'),
    historyEntries: z.int().describe('Past texts among the messages, each a question and its answer.'),
    leftOut: z.object({
      history: z.int(),
      aboutParagraphs: z.int(),
      preferences: z.int(),
      styleItems: z.int(),
    }),
  })
  .openapi('ProfilePreview')

export type ProfileList = z.infer<typeof profileListSchema>
export type ProfileEntry = z.infer<typeof profileEntrySchema>
export type ProfileVersion = z.infer<typeof profileVersionSchema>
export type ProfileBackupEntry = z.infer<typeof backupListSchema>['data'][number]
export type ProfilePreview = z.infer<typeof previewSchema>
