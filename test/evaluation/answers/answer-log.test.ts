import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AnswerLog } from '../../../src/evaluation/answers/answer-log.ts'
import { answerOf } from './made-up-answer.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'costeer-answers-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('answers are found again when the run goes on, also after one that was cut short', async () => {
  const file = join(folder, 'run', 'answers.jsonl')
  const log = await AnswerLog.open(file)
  expect(log.records).toEqual([])
  await log.add(answerOf('a', 'upstream'))
  await log.add(answerOf('a', 'costeer'))
  await appendFile(file, '{"row": "b", "sys')
  const again = await AnswerLog.open(file)
  await again.add(answerOf('b', 'upstream'))
  const last = await AnswerLog.open(file)
  expect(last.records).toHaveLength(3)
  expect(last.find('a', 'costeer')).toEqual(answerOf('a', 'costeer'))
  expect(last.find('b', 'costeer')).toBeUndefined()
  expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(5)
})
