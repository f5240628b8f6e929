import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createPullProgress } from '../../../src/cli/terminal/pull-progress.ts'
import type { PullEvent } from '../../../src/models/pull-event.ts'

function received(receivedBytes: number): PullEvent {
  return {
    type: 'bytes-received',
    receivedBytes,
    totalBytes: 2e6,
  }
}

describe('pull progress', () => {
  test('writes a line for every tenth where there is no terminal', () => {
    const lines: string[] = []
    const progress = createPullProgress({
      writeLine: (line) => lines.push(line),
      terminal: new PassThrough() as unknown as NodeJS.WriteStream,
    })
    progress.show({ type: 'source-start', source: 'hub a/b/c' })
    for (let bytes = 0; bytes <= 1e6; bytes += 1000) progress.show(received(bytes))
    progress.show({ type: 'source-failed', source: 'hub a/b/c', reason: 'not found' })
    progress.show({ type: 'source-start', source: 'pip d' })
    progress.show(received(2e6))
    progress.show({ type: 'verifying' })
    progress.stop()
    expect(lines).toEqual([
      'Fetching from hub a/b/c …',
      ...[10, 20, 30, 40, 50].map((percent) => `  ${percent}% of 2.0 MB`),
      '  failed: not found',
      'Fetching from pip d …',
      '  100% of 2.0 MB',
      'Checking the sha256 …',
    ])
  })

  test('says which file of a repository is taken, and what else it has', () => {
    const lines: string[] = []
    const progress = createPullProgress({ writeLine: (line) => lines.push(line) })
    const file = 'a-q4_k_m.gguf'
    progress.show({ type: 'file-chosen', file, quantisation: 'Q4_K_M', others: ['Q8_0', 'F16'] })
    progress.show({ type: 'file-chosen', file: 'b.gguf', quantisation: null, others: [] })
    expect(lines).toEqual(['  Q4_K_M: a-q4_k_m.gguf (it has Q8_0, F16 too)', '  b.gguf'])
  })

  test('draws a bar on a terminal and leaves it before the next line', () => {
    const drawn: string[] = []
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 100, cursorTo: () => true })
    terminal.on('data', (chunk: Buffer) => drawn.push(chunk.toString()))
    const progress = createPullProgress({
      writeLine: (line) => drawn.push(`|${line}|`),
      terminal: terminal as unknown as NodeJS.WriteStream,
    })
    progress.show(received(1e6))
    progress.show({ type: 'verifying' })
    expect(drawn.join('')).toContain('50% of 2.0 MB')
    expect(drawn.at(-1)).toBe('|Checking the sha256 …|')
  })
})
