import { Worker } from 'node:worker_threads'
import type { BuiltGraph } from '../graph/model-graph.ts'

// Workers run compiled code, also when the program itself runs from source
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/slm/packing/worker.js' : './worker.js',
  import.meta.url,
)

/**
 * `packWeights` in a thread of its own, so that it holds nobody up. Rejects when it fails; the graphs are as
 * they were then.
 */
export function packInThread(graph: BuiltGraph): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { workerData: graph })
    worker.on('error', reject)
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`packing ended with ${code}`))))
  })
}
