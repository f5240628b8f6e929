import { palette } from './palette.ts'

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly colour: string
  /** Shown while the pointer rests on it. */
  readonly title?: string
}

/** Text that may stand in XML, without the control characters that may not. */
function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML allows none but these three
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
  )
}

/** A text whose baseline begins at x and y, in the units of the drawing. */
export function textSvg(
  text: string,
  { x, y, weight = 400, colour }: { x: number; y: number; weight?: number; colour?: string },
): string {
  const fill = colour === undefined ? '' : ` fill="${colour}"`
  return `<text x="${rounded(x)}" y="${rounded(y)}" font-weight="${weight}"${fill}>${escapeXml(text)}</text>`
}

/** A box, with a title that is shown under the pointer where it has one. */
export function rectangleSvg({ x, y, width, height, colour, title }: Box): string {
  const shape = `x="${rounded(x)}" y="${rounded(y)}" width="${rounded(width)}" height="${height}" fill="${colour}"`
  return title === undefined
    ? `<rect ${shape}/>`
    : `<rect ${shape} rx="2"><title>${escapeXml(title)}</title></rect>`
}

/** A box with a text in it. */
export function labelSvg(text: string, box: Box): string {
  const { x, y, width, height, colour, title = '' } = box
  const shape = `x="${rounded(x)}" y="${rounded(y)}" width="${rounded(width)}" height="${height}" fill="${colour}" rx="2"`
  const label = `<text x="${rounded(x + 4)}" y="${y + height - 4}" font-family="ui-monospace, 'DejaVu Sans Mono', monospace" font-size="11" xml:space="preserve">${escapeXml(text)}</text>`
  return `<g><title>${escapeXml(title)}</title><rect ${shape}/>${label}</g>`
}

const tickSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
const LEAST_TICK_PIXELS = 70

/** Vertical lines with their times below. */
export function axisSvg({
  endMs,
  xOf,
  top,
  bottom,
}: {
  readonly endMs: number
  readonly xOf: (ms: number) => number
  readonly top: number
  readonly bottom: number
}): string {
  const step = tickSteps.find((ms) => xOf(ms) - xOf(0) >= LEAST_TICK_PIXELS) ?? 60_000
  const ticks: string[] = []
  for (let ms = 0; ms <= endMs; ms += step) {
    const x = rounded(xOf(ms))
    ticks.push(`<line x1="${x}" y1="${top}" x2="${x}" y2="${bottom}" stroke="${palette.line}"/>`)
    ticks.push(textSvg(`${ms} ms`, { x: xOf(ms) - 12, y: bottom + 16, colour: palette.inkSoft }))
  }
  return ticks.join('')
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
