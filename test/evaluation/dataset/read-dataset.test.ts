import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { datasetLineSchema, datasetRow } from '../../../src/evaluation/dataset/dataset-row.ts'
import { readDataset } from '../../../src/evaluation/dataset/read-dataset.ts'

const SECRET = 'canary-51c0'

function rowOf(id: string) {
  return {
    id,
    query: 'Write to Tom.',
    reference: 'Hiya Tom!',
    profile: `Name: Ann Lee\nAge: 36\nWriting_style: Brisk; Likes dashes\nPrivacy_info: ${SECRET}`,
    history: [{ task: 'Thank Tom.', text: 'Ta, Tom!' }],
  }
}

describe('a dataset', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'costeer-dataset-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const written = async (lines: readonly string[]) => {
    const file = join(folder, 'rows.jsonl')
    await writeFile(file, lines.join('\n'))
    return file
  }
  const ids = async (count: number) => {
    const file = await written(Array.from({ length: 10 }, (_, id) => JSON.stringify(rowOf(`r${id}`))))
    return (await readDataset(file, { count })).map(({ id }) => id)
  }

  test('gives rows spread over the whole file, and twice as many hold them too', async () => {
    expect(await ids(5)).toEqual(['r0', 'r2', 'r4', 'r6', 'r8'])
    expect(await ids(2)).toEqual(['r0', 'r5'])
    expect(await ids(4)).toEqual(['r0', 'r2', 'r5', 'r7'])
    expect(await ids(99)).toHaveLength(10)
  })

  test('says which line is wrong and what it lacks, and nothing of its text', async () => {
    const lines = [JSON.stringify(rowOf('a')), '', JSON.stringify({ ...rowOf('b'), query: 3, note: SECRET })]
    const failure = await readDataset(await written(lines), { count: 9 }).catch(String)
    expect(failure).toContain('Line 3 of')
    expect(failure).toContain('see query')
    expect(failure).not.toContain(SECRET)
    await expect(readDataset(await written([`{"id": "${SECRET}`]), { count: 9 })).rejects.toThrow('Line 1 of')
    await expect(readDataset(join(folder, 'none'), { count: 9 })).rejects.toThrow('cannot be read')
    await expect(readDataset(await written(['']), { count: 9 })).rejects.toThrow('holds no rows')
    const twice = await written([JSON.stringify(rowOf('a')), JSON.stringify(rowOf('a'))])
    await expect(readDataset(twice, { count: 9 })).rejects.toThrow('share an id')
  })
})

test("a row's user is a profile: name, style, and all else as facts", () => {
  expect(datasetRow(datasetLineSchema.parse(rowOf('3_7 b'))).profile).toEqual({
    id: 'row-3-7-b',
    name: 'Ann Lee',
    facts: ['Age: 36', `Privacy info: ${SECRET}`],
    preferences: [],
    writing_style: ['Brisk', 'Likes dashes'],
    about: '',
    private: [],
    history: [{ task: 'Thank Tom.', text: 'Ta, Tom!' }],
  })
})

test("a row's profile may be one as its file has it, and its own text is not needed", () => {
  const profile = { id: 'ann', name: 'Ann Lee', facts: ['She sails.'], history: [{ text: 'Ta, Tom!' }] }
  const { reference, profile: read } = datasetRow(
    datasetLineSchema.parse({ id: 'a', query: 'Write to Tom.', profile }),
  )
  expect(reference).toBe('')
  expect(read).toMatchObject({ ...profile, preferences: [], writing_style: [] })
})
