// This room owns profiles: what one is, those of a folder, kept current, and who gets which. It must not know
// models, upstreams or HTTP.

import { z } from 'zod'
import { isTellable, privateKinds } from '../guard/private-value.ts'

/** Ids are kebab-case, 1 to 64 characters, and equal the file's name; `none` is kept for "no profile". */
const PROFILE_ID_PATTERN = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
export const NO_PROFILE = 'none'

function emptyAsAbsent(value: unknown): unknown {
  return value ?? undefined
}

const text = z
  .string({
    error: ({ input }) =>
      input == null ? 'is missing' : 'must be text; put quotes around a line that holds ": "',
  })
  .trim()
  .min(1, 'must not be empty')

const textList = z.preprocess(
  emptyAsAbsent,
  z.array(text, { error: 'must be a list, one "- " line for each item' }).default([]),
)

const textOrList = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : emptyAsAbsent(value)),
  z.array(text, { error: 'must be text or a list of texts' }).default([]),
)

/** Whether a string can name a profile. */
export function isProfileId(value: string): boolean {
  return value.length <= 64 && value !== NO_PROFILE && PROFILE_ID_PATTERN.test(value)
}

/** A text that the user wrote in the past. */
export const historyEntrySchema = z
  .strictObject(
    {
      /** What the text is called. */
      title: z.preprocess(emptyAsAbsent, text.optional()),
      /** What the text was written for; an alternative to the title. */
      task: z.preprocess(emptyAsAbsent, text.optional()),
      /** `2024`, `2024-05` or `2024-05-31`. Decides only which of two equally fitting texts is preferred. */
      date: z.preprocess(
        emptyAsAbsent,
        z
          .string({ error: 'must be a date' })
          .regex(
            /^\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/,
            'must be a date such as 2024-05-31',
          )
          .optional(),
      ),
      text,
    },
    { error: 'must hold at least "text:", and a title or task' },
  )
  .refine((entry) => entry.title === undefined || entry.task === undefined, {
    path: ['task'],
    error: 'cannot stand beside "title"; keep one of them',
  })

const tellable = text.refine(isTellable, 'is too short to be told apart: two letters or four digits at least')

/** A text that must not leave this machine, not even in an answer's beginning. */
const privateValueSchema = z.strictObject(
  {
    kind: z.enum(privateKinds, { error: `must be one of ${privateKinds.join(', ')}` }),
    value: tellable,
    /** Other ways to write it, such as a first name by itself. */
    forms: z.preprocess(emptyAsAbsent, z.array(tellable, { error: 'must be a list of texts' }).default([])),
  },
  { error: 'must hold "kind:" and "value:"' },
)

/** A user's private profile, as its YAML file holds it. The keys are the file's own names. */
export const profileSchema = z.strictObject(
  {
    id: text.refine(isProfileId, 'must be kebab-case (a-z, 0-9, "-"), at most 64 characters, and not "none"'),
    /** The user's name. */
    name: text,
    /** Values for which the upstream reads an alias. */
    private: z.preprocess(
      emptyAsAbsent,
      z
        .array(privateValueSchema, { error: 'must be a list of values, each with "kind:" and "value:"' })
        .default([]),
    ),
    facts: textList,
    preferences: textList,
    writing_style: textOrList,
    /** Paragraphs, separated by blank lines. */
    about: z.preprocess((value) => value ?? '', z.string({ error: 'must be text' }).trim()),
    history: z.preprocess(
      emptyAsAbsent,
      z.array(historyEntrySchema, { error: 'must be a list of texts, each with "text:"' }).default([]),
    ),
  },
  { error: 'must hold "id:", "name:" and the other keys of a profile' },
)

export type Profile = z.infer<typeof profileSchema>
export type HistoryEntry = z.infer<typeof historyEntrySchema>
