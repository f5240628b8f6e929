import { parentPort, workerData } from 'node:worker_threads'
import type { EncoderSource } from '../encoding/plain-encoder.ts'
import { createTokenizer } from '../text/tokenizer.ts'
import { type EncodeJob, failedJob, type JobResult, runJob } from './encode-job.ts'

const port = parentPort
if (!port) throw new Error('this file runs as a worker only')

const tokenizer = createTokenizer(workerData as EncoderSource)

function result(job: EncodeJob): JobResult {
  try {
    const { atMost = Number.POSITIVE_INFINITY } = job.options
    // One more tells that there are too many.
    return { tokens: Int32Array.from(runJob(job, tokenizer).slice(0, atMost + 1)) }
  } catch (error) {
    return failedJob(error)
  }
}

port.on('message', (job: EncodeJob) => {
  const done = result(job)
  port.postMessage(done, 'tokens' in done ? [done.tokens.buffer] : [])
})
