import { expect, test } from 'vitest'
import { type Job, JobQueue } from '../../../src/slm/worker/job-queue.ts'

async function runAll(add: (queue: JobQueue, job: (name: string, steps: number) => Job) => void) {
  const queue = new JobQueue()
  const order: string[] = []
  await new Promise<void>((resolve) => {
    let open = 0
    add(queue, (name, steps) => {
      open++
      let left = steps
      return {
        step: async () => {
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

test('time-sliced jobs take turns', async () => {
  const order = await runAll((queue, job) => {
    queue.addTimeSliced(job('a', 3))
    queue.addTimeSliced(job('b', 1))
    queue.addTimeSliced(job('c', 2))
  })
  expect(order).toBe('abcaca')
})

test('urgent jobs run whole and in order, and wait for one time slice at most', async () => {
  const order = await runAll((queue, job) => {
    queue.addTimeSliced(job('p', 3))
    queue.addTimeSliced(job('q', 2))
    queue.addUrgent(job('1', 2))
    queue.addUrgent(job('2', 1))
    queue.addUrgent(job('3', 1))
  })
  expect(order).toBe('p11q2p3qp')
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
  queue.addUrgent({ step })
  const ended = queue.end().then(() => log.push('ended'))
  queue.addTimeSliced({ step })
  finish()
  await ended
  expect(log).toEqual(['begun', 'done', 'ended'])
  await new JobQueue().end()
})
