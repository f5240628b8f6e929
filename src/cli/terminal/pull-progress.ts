import { SingleBar } from 'cli-progress'
import type { PullEvent } from '../../models/pull-event.ts'
import { byteSize } from './byte-size.ts'

export interface PullProgressOptions {
  /** Takes whole lines, without the line break. */
  readonly writeLine: (line: string) => void
  /**
   * What to draw a bar on, by default standard error. Where it is no terminal, a line tells each tenth of a
   * file.
   */
  readonly terminal?: NodeJS.WriteStream
}

/** Shows how a download goes on. Give it every event; call `stop` at the end, whatever the end is. */
export interface PullProgress {
  show(event: PullEvent): void
  stop(): void
}

export function createPullProgress({
  writeLine,
  terminal = process.stderr,
}: PullProgressOptions): PullProgress {
  const bytes = terminal.isTTY ? barDisplay(terminal) : lineDisplay(writeLine)
  return {
    show(event) {
      if (event.type === 'bytes-received') {
        bytes.show(event.receivedBytes, event.totalBytes)
        return
      }
      bytes.stop()
      writeLine(remark(event))
    },
    stop: () => bytes.stop(),
  }
}

function remark(event: Exclude<PullEvent, { type: 'bytes-received' }>): string {
  switch (event.type) {
    case 'waiting-for-other-process':
      return 'Another process is fetching this model; waiting for it …'
    case 'source-start':
      return `Fetching from ${event.source} …`
    case 'file-chosen':
      return chosen(event)
    case 'source-failed':
      return `  failed: ${event.reason}`
    case 'verifying':
      return 'Checking the sha256 …'
    default:
      return event satisfies never
  }
}

function chosen({ file, quantisation, others }: Extract<PullEvent, { type: 'file-chosen' }>): string {
  const taken = quantisation === null ? file : `${quantisation}: ${file}`
  return others.length === 0 ? `  ${taken}` : `  ${taken} (it has ${others.join(', ')} too)`
}

interface ByteDisplay {
  show(receivedBytes: number, totalBytes: number): void
  stop(): void
}

function barDisplay(terminal: NodeJS.WriteStream): ByteDisplay {
  let bar: SingleBar | null = null
  return {
    show(receivedBytes, totalBytes) {
      bar ??= startedBar(terminal, totalBytes)
      bar.update(receivedBytes)
    },
    stop() {
      bar?.stop()
      bar = null
    },
  }
}

function startedBar(terminal: NodeJS.WriteStream, totalBytes: number): SingleBar {
  const bar = new SingleBar({
    format: '  [{bar}] {percentage}% of {total}, {eta_formatted} left',
    stream: terminal,
    formatValue: (value, _options, type) => (type === 'total' ? byteSize(value) : String(value)),
  })
  bar.start(totalBytes, 0)
  return bar
}

function lineDisplay(writeLine: (line: string) => void): ByteDisplay {
  let shownTenths = 0
  return {
    show(receivedBytes, totalBytes) {
      const tenths = Math.floor((10 * receivedBytes) / totalBytes)
      if (tenths <= shownTenths) return
      shownTenths = tenths
      writeLine(`  ${tenths * 10}% of ${byteSize(totalBytes)}`)
    },
    stop() {
      shownTenths = 0
    },
  }
}
