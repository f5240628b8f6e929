import { expect, test } from 'vitest'
import { type Job, JobQueue } from '../../../src/slm/worker/job-queue.ts'

interface Steps {
  readonly count: number
  readonly isBackground?: boolean
  /** Of each step. */
  readonly ms?: number
}

/** The order of all steps, by their jobs' names, under a clock that moves with the steps alone. */
async function runAll(add: (queue: JobQueue, job: (name: string, steps: Steps) => Job) => void) {
  let nowMs = 0
  const queue = new JobQueue({ now: () => nowMs })
  const order: string[] = []
  await new Promise<void>((resolve) => {
    let open = 0
    add(queue, (name, { count, isBackground = false, ms = 1 }) => {
      open++
      let left = count
      return {
        isBackground,
        step: async () => {
          nowMs += ms
          order.push(name)
          const done = --left === 0
          if (done && --open === 0) resolve()
          return done
        },
      }
    })
  })
  return order.join('')
}

const background = { isBackground: true }

test('jobs of one kind take turns', async () => {
  for (const isBackground of [false, true]) {
    const order = await runAll((queue, job) => {
      queue.add(job('a', { count: 3, isBackground }))
      queue.add(job('b', { count: 1, isBackground }))
      queue.add(job('c', { count: 2, isBackground }))
    })
    expect(order).toBe('abcaca')
  }
})

test('after each step of the background running answers get twice its time', async () => {
  const order = await runAll((queue, job) => {
    queue.add(job('P', { count: 3, ms: 40, ...background }))
    queue.add(job('a', { count: 10, ms: 16 }))
  })
  expect(order).toBe('PaaaaaPaaaaaP')
})

test('several prompts take turns with the answers', async () => {
  const order = await runAll((queue, job) => {
    queue.add(job('P', { count: 3, ms: 40, ...background }))
    queue.add(job('a', { count: 4, ms: 16 }))
    queue.add(job('Q', { count: 3, ms: 40, ...background }))
  })
  expect(order).toBe('PaQPaQPaaQ')
})

test('the background does not wait where no answer has a step', async () => {
  const order = await runAll((queue, job) => {
    queue.add(job('P', { count: 4, ms: 40, ...background }))
    queue.add(job('a', { count: 1, ms: 16 }))
  })
  expect(order).toBe('PaPPP')
})

test('a job that has read its prompt goes on as an answer', async () => {
  const order = await runAll((queue, job) => {
    const reader = job('s', { count: 4 })
    let steps = 0
    const step = () => {
      steps++
      return reader.step()
    }
    queue.add({
      get isBackground() {
        return steps < 1
      },
      step,
    })
    queue.add(job('P', { count: 2, ms: 40, ...background }))
  })
  expect(order).toBe('sssPsP')
})

test('an end waits for the step that runs, and lets no other follow', async () => {
  const queue = new JobQueue()
  const log: string[] = []
  let finish = (): void => {}
  const step = async () => {
    log.push('begun')
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    log.push('done')
    return false
  }
  queue.add({ isBackground: false, step })
  const ended = queue.end().then(() => log.push('ended'))
  queue.add({ isBackground: true, step })
  finish()
  await ended
  expect(log).toEqual(['begun', 'done', 'ended'])
  await new JobQueue().end()
})

test('feeds of one model begin together, four at most and one of each continuation', async () => {
  const queue = new JobQueue({ now: () => 0 })
  const begun: string[][] = []
  const ended: Promise<void>[] = []
  let together: string[] = []
  const add = (name: string, shares?: { model: number; continuation: number }) => {
    const done = new Promise<void>((resolve) => {
      const step = async () => {
        together.push(name)
        await new Promise(setImmediate)
        if (together.length > 0) begun.push(together)
        together = []
        resolve()
        return true
      }
      queue.add({ isBackground: false, ...(shares && { shares }), step })
    })
    ended.push(done)
  }
  add('first')
  for (const continuation of [1, 2, 2, 3]) add(`a${continuation}`, { model: 1, continuation })
  add('other', { model: 2, continuation: 4 })
  add('alone')
  for (const continuation of [5, 6]) add(`a${continuation}`, { model: 1, continuation })
  await Promise.all(ended)
  expect(begun).toEqual([['first'], ['a1', 'a2', 'a3', 'a5'], ['a2', 'a6'], ['other'], ['alone']])
})
