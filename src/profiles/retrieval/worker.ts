import { parentPort } from 'node:worker_threads'
import { keptIndex } from './index-file.ts'
import type { IndexMessage } from './index-thread.ts'
import type { IndexedText } from './indexed-texts.ts'

const port = parentPort
if (!port) throw new Error('this file runs as a worker only')

const texts: IndexedText[] = []

port.on('message', (message: IndexMessage) => {
  if (message.type === 'texts') {
    for (const text of message.texts) texts.push(text)
    return
  }
  const { buffer } = keptIndex(texts, message.path)
  port.postMessage(buffer, [buffer])
  port.close()
})
