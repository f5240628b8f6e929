import { z } from '@hono/zod-openapi'

/** Objects of the routes about models. */
const choiceSchema = z
  .strictObject({
    large: z
      .string()
      .max(64)
      .nullable()
      .describe('A name of the catalogue, or of a model on this machine; null for what is configured.'),
    small: z.string().max(64).nullable().describe('The same of the model that reads the profile.'),
  })
  .openapi('ModelChoice')

const namedModels = {
  large: z.array(z.string()).readonly(),
  small: z.string(),
  embedded: z.boolean().describe('Whether the large ones run in this process.'),
}

const listedModelSchema = z.object({
  name: z.string(),
  title: z.string(),
  licence: z.string().nullable().describe('Null where nobody says.'),
  source: z
    .string()
    .nullable()
    .describe('Where one that is not in the catalogue came from; null for those of the catalogue.'),
  vocabulary: z.string().nullable().describe('Of models with the same tokens; null where it is not known.'),
  parameters: z.int(),
  fileBytes: z.int().describe('An estimate where only the hub knows.'),
  memoryBytes: z.int().describe('What its weights take, about.'),
  isHere: z.boolean().describe('Whether its file is on this machine.'),
  fitting: z
    .array(z.string())
    .readonly()
    .describe('Models that could be the small one beside it, the best first.'),
})

const workSchema = z.object({
  choice: choiceSchema.nullable().describe('The models that are to answer; null where one is only fetched.'),
  state: z.enum([
    'waiting',
    'fetching',
    'verifying',
    'preparing',
    'opening',
    'ending',
    'done',
    'failed',
    'stopped',
  ]),
  model: z.string().nullable().describe('The model at hand.'),
  receivedBytes: z.int().nullable(),
  totalBytes: z.int().nullable(),
  message: z.string().nullable().describe('Why it failed.'),
})

export const modelChoicesSchema = z
  .object({
    availableBytes: z.int().describe('Memory that is left.'),
    now: z.object({ ...namedModels, choice: choiceSchema }).describe('What answers now.'),
    configured: z
      .object({ ...namedModels, fitting: z.array(z.string()).readonly() })
      .describe('What the configuration names, and small models that fit its large ones or may fit them.'),
    models: z.array(listedModelSchema).readonly(),
    pairs: z
      .array(z.object({ name: z.string(), large: z.string(), small: z.string() }))
      .readonly()
      .describe('Those that were measured together, by the names that `--pair` takes.'),
    work: workSchema.nullable().describe('What was asked for last, and how far it is.'),
  })
  .openapi('ModelChoices')

export const fetchRequestSchema = z
  .strictObject({ model: z.string().max(64).describe('A name of the catalogue.') })
  .openapi('ModelFetchRequest')

export const serveRequestSchema = choiceSchema

export type ModelChoicesObject = z.infer<typeof modelChoicesSchema>
export type ListedModelObject = z.infer<typeof listedModelSchema>
export type ModelWorkObject = z.infer<typeof workSchema>
export type ModelChoiceObject = z.infer<typeof choiceSchema>
