import { expect, test } from 'vitest'
import { CallerQueue, onBehalfOf } from '../../../src/slm/encoding-thread/caller-queue.ts'

function filled(items: Readonly<Record<string, readonly string[]>>): CallerQueue<string> {
  const queue = new CallerQueue<string>()
  for (const [caller, own] of Object.entries(items)) {
    onBehalfOf(caller, () => own.map((item) => queue.add(item)))
  }
  return queue
}

function emptied(queue: CallerQueue<string>): string[] {
  const items: string[] = []
  for (let item = queue.next(); item !== undefined; item = queue.next()) items.push(item)
  return items
}

test('callers take turns, whatever one of them asks for', () => {
  expect(emptied(filled({ a: ['a1', 'a2', 'a3'], b: ['b1'], c: ['c1', 'c2'] }))).toEqual([
    ...['a1', 'b1', 'c1'],
    ...['a2', 'c2'],
    'a3',
  ])
})

test('a caller who comes later waits for one item of each other', () => {
  const queue = filled({ a: ['a1', 'a2', 'a3'] })
  expect(queue.next()).toBe('a1')
  onBehalfOf('b', () => queue.add('b1'))
  expect(emptied(queue)).toEqual(['a2', 'b1', 'a3'])
})

test('what nobody waits for any more loses its turn', () => {
  const queue = filled({ a: ['a1', 'a2'], b: ['b1'] })
  queue.remove('a1')
  queue.remove('b1')
  queue.remove('never there')
  expect(emptied(queue)).toEqual(['a2'])
})

test('what runs on nobody’s behalf has one place together', () => {
  const queue = filled({ a: ['a1', 'a2'] })
  queue.add('x1')
  queue.add('x2')
  expect(emptied(queue)).toEqual(['a1', 'x1', 'a2', 'x2'])
})
