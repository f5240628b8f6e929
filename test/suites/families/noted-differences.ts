import { appendFile, mkdir } from 'node:fs/promises'

/** Adds a line to test-output/families.txt, from which docs/local-model.md takes its figures. */
export async function note(line: string): Promise<void> {
  await mkdir('test-output', { recursive: true })
  await appendFile('test-output/families.txt', `${line}\n`)
}
