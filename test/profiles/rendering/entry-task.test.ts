import { expect, test } from 'vitest'
import { entryTask } from '../../../src/profiles/rendering/entry-task.ts'

test.each([
  [{ task: 'Thank Tom.', text: 'Thanks!' }, 'Thank Tom.'],
  [{ title: 'Rent', text: 'It is due.' }, 'Write this text: Rent'],
  [{ text: 'Subject: the roof\n\nIt leaks.' }, 'Write an email about this: the roof'],
  [{ text: 'Dear Mrs Lund,\nthe roof leaks.' }, 'Write a message to Mrs Lund.'],
  [{ text: 'The roof leaks.' }, 'Write a short text.'],
])('the task of %j is %s', (entry, task) => {
  expect(entryTask(entry)).toBe(task)
})
