import { parentPort } from 'node:worker_threads'
import type { FromWorker, ToWorker } from '../engine/worker-protocol.ts'
import { EngineHost } from './engine-host.ts'

const port = parentPort
if (!port) throw new Error('this file runs as a worker only')

/** Large outputs change hands instead of being copied. */
function transferable(message: FromWorker): ArrayBuffer[] {
  if (message.type === 'pair-opened') return [message.root.delta.buffer as ArrayBuffer]
  if (message.type === 'pair-fed') return message.parts.map(({ rows }) => rows.delta.buffer as ArrayBuffer)
  return []
}

const host = new EngineHost({
  post: (message) => port.postMessage(message, transferable(message)),
  onEnd: () => process.exit(0),
})
port.on('message', (message: ToWorker) => host.receive(message))
