import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadTexts, textsPath } from '../../../src/profiles/files/texts-file.ts'
import { formatProblem } from '../../../src/profiles/profile-problem.ts'
import { ProfileStore } from '../../../src/profiles/profile-store.ts'
import { temporaryFolder } from '../../setup/temporary-folder.ts'
import { CANARY, SAMPLE_YAML } from '../sample-profile.ts'

test('problems come with line and key, without any text', async () => {
  const path = join(temporaryFolder(), 'ada.texts.jsonl')
  const lines = [
    { text: 'good' },
    { task: CANARY },
    { text: CANARY, date: CANARY },
    { text: CANARY, task: CANARY, title: CANARY },
    { text: 'x', [CANARY]: 1 },
  ].map((line) => JSON.stringify(line))
  writeFileSync(path, ['', ...lines, CANARY, `"${CANARY}"`].join('\n'))
  const loaded = await loadTexts(path)
  const problems = loaded.ok ? [] : loaded.problems.map(formatProblem)
  expect(problems.map((problem) => problem.replace(path, ''))).toEqual([
    ':3: text: is missing',
    ':4: date: must be a date such as 2024-05-31',
    ':5: task: cannot stand beside "title"; keep one of them',
    ':6: has a key other than "task", "title", "date" and "text"',
    ':7: is no JSON object with "text", and perhaps "task" or "title", and "date"',
    ':8: is no JSON object with "text", and perhaps "task" or "title", and "date"',
  ])
})

test('a missing file holds no texts, and a pipe is not waited for', async () => {
  const path = join(temporaryFolder(), 'ada.texts.jsonl')
  expect(await loadTexts(path)).toEqual({ ok: true, texts: [] })
  execFileSync('mkfifo', [path])
  expect(await loadTexts(path)).toMatchObject({
    ok: false,
    problems: [{ message: 'cannot be read (it is no regular file)' }],
  })
})

test('a store follows the texts beside a profile, and keeps the last good ones', async () => {
  const folder = temporaryFolder()
  const own = join(folder, 'ada.yaml')
  const beside = textsPath(own)
  writeFileSync(own, SAMPLE_YAML)
  const store = await ProfileStore.open(folder, { watch: false })
  const texts = async () => {
    await store.reload()
    return store.get('ada')?.history.map(({ text }) => text)
  }
  writeFileSync(beside, '{"text": "Second."}\n')
  expect(await texts()).toEqual(['Forty jars.', 'Second.'])
  const seen = store.get('ada')
  await store.reload()
  expect(store.get('ada')).toBe(seen)
  writeFileSync(beside, '{"text"')
  expect(await texts()).toEqual(['Forty jars.', 'Second.'])
  expect(store.problems()).toMatchObject([{ file: beside, line: 1 }])
  rmSync(beside)
  expect(await texts()).toEqual(['Forty jars.'])
  expect(store.problems()).toEqual([])
})
