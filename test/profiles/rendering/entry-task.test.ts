import { expect, test } from 'vitest'
import { entryTask } from '../../../src/profiles/rendering/entry-task.ts'

test.each([
  [{ task: 'Thank Tom.', text: 'Thanks!' }, 'Thank Tom.'],
  [{ title: 'Rent', text: 'It is due.' }, 'Write this text: Rent'],
  [{ text: 'Subject: the roof\n\nIt leaks.' }, 'Write an email about this: the roof'],
  [{ text: 'Dear Mrs Lund,\nthe roof leaks.' }, 'Write a message to Mrs Lund.'],
  [{ text: 'Sehr geehrter Herr Lund,\ndas Dach ist undicht.' }, 'Write a message to Herr Lund.'],
  [{ text: 'The roof in winter\n\nIt leaks.' }, 'Write this text: The roof in winter'],
  [{ text: '# Roofs\n\nThey leak.' }, 'Write this text: Roofs'],
  [{ text: 'The roof leaks.' }, 'Write a short text.'],
  [{ text: 'The roof leaks.\n\nIt does.' }, 'Write a short text.'],
  [{ text: 'The roof leaks\nand drips.' }, 'Write a short text.'],
  [{ text: 'The roof' }, 'Write a short text.'],
])('the task of %j is %s', (entry, task) => {
  expect(entryTask(entry)).toBe(task)
})
