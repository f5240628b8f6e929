import type { MeasuredFigures } from './measured-way.ts'

export interface MeasuredCell {
  readonly reply: 'whole' | 'streamed'
  readonly connections: number
  /** By the name of the way. */
  readonly ways: Readonly<Record<string, MeasuredFigures>>
}

/** One row for each way; what it adds is against the direct one beside it. */
export function gatewayTable(cells: readonly MeasuredCell[]): string {
  const rows = cells.flatMap(({ reply, connections, ways }) =>
    Object.entries(ways).map(([name, { p50Ms, p99Ms, requestsPerSecond, cpuMs }]) => {
      const added = (ms: number, direct: number | undefined) =>
        name === 'direct' || direct === undefined ? '' : (ms - direct).toFixed(2)
      return [
        reply,
        String(connections),
        name,
        p50Ms.toFixed(2),
        p99Ms.toFixed(2),
        added(p50Ms, ways.direct?.p50Ms),
        added(p99Ms, ways.direct?.p99Ms),
        requestsPerSecond.toFixed(0),
        cpuMs?.toFixed(3) ?? '',
      ]
    }),
  )
  const head = 'reply,connections,way,p50 ms,p99 ms,added p50,added p99,requests/s,CPU ms a request'.split(
    ',',
  )
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
