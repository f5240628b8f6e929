import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Catalogue, loadCatalogue } from '../../src/models/catalogue.ts'
import { weightBits } from '../../src/models/prepare-model.ts'

const SOURCE = 'sources: [{ kind: hub, repo: a/b, file: c.gguf }]'

let folder: string
let catalogue: Catalogue

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weight-bits-'))
  const file = join(folder, 'models.yaml')
  const lines = [
    'models:',
    `  measured: { title: A, licence: MIT, parameters: 1, aliases: [alias], bits: 4, ${SOURCE} }`,
    `  unmeasured: { title: B, licence: MIT, parameters: 1, ${SOURCE} }`,
  ]
  await writeFile(file, lines.join('\n'))
  catalogue = await loadCatalogue(file)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each([4, 8] as const)(
  '%i bits that are asked for are taken, for any model and processor',
  async (bits) => {
    expect(await weightBits(bits, { name: 'unknown', arch: 'arm64', catalogue })).toBe(bits)
    expect(await weightBits(bits, { name: 'measured', arch: 'x64', catalogue })).toBe(bits)
  },
)

test.each([
  { of: 'a model that was measured', name: 'measured', arch: 'x64', bits: 4 },
  { of: 'the same by its other name', name: 'alias', arch: 'x64', bits: 4 },
  { of: 'the same where 4 bits are not known to be faster', name: 'measured', arch: 'arm64', bits: 8 },
  { of: 'a model that nobody measured', name: 'unmeasured', arch: 'x64', bits: 8 },
  { of: "a model of one's own", name: 'my-model', arch: 'x64', bits: 8 },
] as const)('left to the program, $of has $bits', async ({ name, arch, bits }) => {
  expect(await weightBits('auto', { name, arch, catalogue })).toBe(bits)
})
