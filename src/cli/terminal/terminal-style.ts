import { readEnvironment } from '../../environment.ts'

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  /** Underlined yellow: what the profile changed. */
  moved: ['4;33', '24;39'],
} as const

/** Puts text into a colour or weight; as it is where there is no terminal, and with NO_COLOR. */
export type Paint = (style: keyof typeof codes, text: string) => string

/** The paint for what is written to `stream`. */
export function paintFor(stream: { readonly isTTY?: boolean }, { color } = readEnvironment()): Paint {
  if (stream.isTTY !== true || !color) return (_style, text) => text
  return (style, text) => `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m`
}
