import type { CallReader } from '../../../../src/steer/channels/tool-calls/call-reader.ts'

/**
 * What a reader makes of a block, given piece by piece: `name(arguments)` of each call, `…` where one does
 * not end.
 */
export function readBlock(
  reader: CallReader,
  pieces: readonly string[],
): { calls: string[]; failed: boolean } {
  const calls: string[] = []
  const parts = [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.end()]
  for (const part of parts) {
    if (part.type === 'call-start') calls.push(`${part.id === null ? '' : `${part.id}=`}${part.name}(`)
    else calls.push(`${calls.pop()}${part.type === 'call-end' ? ')' : part.text}`)
  }
  return { calls, failed: reader.failed }
}
