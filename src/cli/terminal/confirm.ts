import { createInterface } from 'node:readline/promises'
import { GatewayError } from '../../gateway-error.ts'

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

/**
 * Whether a person says yes; anything else is no. Rejects with `invalid_request` where nobody can be asked,
 * with the option that answers instead.
 */
export async function confirm(
  question: string,
  {
    option,
    terminal = { input: process.stdin, output: process.stderr },
  }: {
    readonly option: string
    readonly terminal?: Terminal
  },
): Promise<boolean> {
  if (terminal.input.isTTY !== true) {
    throw new GatewayError(
      'invalid_request',
      `Nobody can be asked here. To go on without asking, give ${option}.`,
    )
  }
  const lines = createInterface(terminal)
  try {
    return /^y(?:es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
