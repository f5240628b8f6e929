// Dataset: rows of requests, answers and their users. This room owns their file format and turns users into
// profiles.

import { readFile } from 'node:fs/promises'
import { GatewayError } from '../../gateway-error.ts'
import { jsonValue } from '../../json-value.ts'
import { type DatasetRow, datasetLineSchema, datasetRow } from './dataset-row.ts'

/**
 * Reads `count` rows of a file of JSON lines, spread evenly over it since rows of one kind mostly follow
 * each other; all of them when it holds no more. Rejects with GatewayError `invalid_request`, which names
 * the line and never its text.
 */
export async function readDataset(
  file: string,
  { count }: { readonly count: number },
): Promise<DatasetRow[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new GatewayError('invalid_request', `The dataset ${file} cannot be read.`, { cause })
  })
  const lines = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{ line, index }]))
  if (lines.length === 0) throw new GatewayError('invalid_request', `The dataset ${file} holds no rows.`)
  const taken = Math.min(count, lines.length)
  const rows = Array.from({ length: taken }, (_, place) => {
    const { line, index } = lines[Math.floor((place * lines.length) / taken)] as (typeof lines)[number]
    return parsedRow(line, `Line ${index + 1} of ${file}`)
  })
  if (new Set(rows.map(({ id }) => id)).size === rows.length) return rows
  throw new GatewayError('invalid_request', `Rows of ${file} share an id. Give each its own.`)
}

function parsedRow(line: string, place: string): DatasetRow {
  const checked = datasetLineSchema.safeParse(jsonValue(line))
  if (checked.success) return datasetRow(checked.data)
  const keys = [...new Set(checked.error.issues.map(({ path }) => path[0] ?? 'the row'))].join(', ')
  const message = `${place} is no row of a dataset: see ${keys}. It needs id, query, profile and, for likelihoods, reference.`
  throw new GatewayError('invalid_request', message)
}
