import type { WireTokenTrace } from '../../proxy/answers/trace/trace-schema.ts'
import { lanesOf } from './lanes.ts'
import { palette } from './palette.ts'
import { axisSvg, labelSvg, rectangleSvg, textSvg } from './svg-parts.ts'
import type { DraftOutcome, Timeline, TimelineSpan } from './trace-timeline.ts'

const MARGIN = 18
const LABELS_WIDTH = 134
const LANE_HEIGHT = 22
const BAR_HEIGHT = 16
const ROW_GAP = 16
const HEADER_HEIGHT = 74
const AXIS_HEIGHT = 30
/** So many pixels for each token, within the limits. */
const TOKEN_PIXELS = 34
const LEAST_WIDTH = 640
const MOST_WIDTH = 6000
const CHARACTER_PIXELS = 6.6
const LONGEST_LABEL = 16

const outcomes: Readonly<Record<DraftOutcome, { readonly colour: string; readonly meaning: string }>> = {
  accepted: { colour: palette.mark, meaning: 'the guess was right' },
  rejected: { colour: palette.badSoft, meaning: 'the guess was wrong' },
  none: { colour: palette.sunken, meaning: 'not guessed' },
}

/** The timeline as a standalone SVG: local passes, upstream queries and emitted tokens over time. */
export function timelineSvg(timeline: Timeline): string {
  const { endMs, tokens } = timeline
  const width = Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, tokens.length * TOKEN_PIXELS))
  const scale = width / Math.max(1, endMs)
  const xOf = (ms: number) => MARGIN + LABELS_WIDTH + ms * scale
  const rows = [
    { label: 'small model here', ...spanRow(timeline.local, { colour: palette.smallModel, xOf }) },
    { label: 'large model', ...spanRow(timeline.upstream, { colour: palette.largeModel, xOf }) },
    { label: 'tokens', ...tokenRow(timeline, xOf) },
  ]
  let top = HEADER_HEIGHT
  const parts: string[] = []
  for (const { label, svg, lanes } of rows) {
    parts.push(textSvg(label, { x: MARGIN, y: top + BAR_HEIGHT - 3, weight: 600 }))
    parts.push(`<g transform="translate(0 ${top})">${svg}</g>`)
    top += Math.max(1, lanes) * LANE_HEIGHT + ROW_GAP
  }
  const overhang = Math.max(...tokens.map((token) => xOf(token.emittedMs) + labelWidth(token)), 0)
  const whole = { width: Math.ceil(Math.max(xOf(endMs), overhang) + MARGIN), height: top + AXIS_HEIGHT }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole.width}" height="${whole.height}" viewBox="0 0 ${whole.width} ${whole.height}" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12" fill="${palette.ink}">`,
    rectangleSvg({ x: 0, y: 0, width: whole.width, height: whole.height, colour: palette.paper }),
    headerSvg(timeline),
    axisSvg({ endMs, xOf, top: HEADER_HEIGHT - 8, bottom: top - ROW_GAP / 2 }),
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function headerSvg({ tokens, endMs, requests, accepted, rejected }: Timeline): string {
  const firstMs = tokens[0]?.emittedMs ?? 0
  const each = tokens.length > 1 ? (endMs - firstMs) / (tokens.length - 1) : 0
  const isGuessed = accepted + rejected > 0
  const guesses = isGuessed ? `${accepted} guesses right and ${rejected} wrong` : 'nothing guessed'
  const facts = `${tokens.length} tokens: the first after ${firstMs.toFixed(0)} ms, then one every ${each.toFixed(1)} ms; ${guesses}; ${requests} requests to the large model`
  let x = MARGIN
  const legend = (isGuessed ? Object.values(outcomes) : []).map(({ colour, meaning }) => {
    const swatch = rectangleSvg({ x, y: 42, width: 12, height: 12, colour })
    const label = textSvg(meaning, { x: x + 17, y: 52 })
    x += 32 + meaning.length * CHARACTER_PIXELS
    return swatch + label
  })
  return textSvg(facts, { x: MARGIN, y: 24, weight: 600 }) + legend.join('')
}

function spanRow(
  spans: readonly TimelineSpan[],
  { colour, xOf }: { colour: string; xOf: (ms: number) => number },
): { svg: string; lanes: number } {
  const lanes = lanesOf(spans.map(({ startMs, endMs }) => ({ from: startMs, to: endMs })))
  const bars = spans.map((span, index) => {
    const { startMs, endMs, tokens } = span
    const texts = tokens.map(({ token }) => JSON.stringify(token.text)).join(' ')
    const title = `${startMs.toFixed(0)} to ${endMs.toFixed(0)} ms (${(endMs - startMs).toFixed(0)} ms)\n${texts}`
    const width = Math.max(1, xOf(endMs) - xOf(startMs) - 1)
    const y = (lanes[index] ?? 0) * LANE_HEIGHT
    return rectangleSvg({ x: xOf(startMs), y, width, height: BAR_HEIGHT, colour, title })
  })
  return { svg: bars.join(''), lanes: Math.max(0, ...lanes) + 1 }
}

function tokenRow({ tokens }: Timeline, xOf: (ms: number) => number): { svg: string; lanes: number } {
  const extents = tokens.map((token) => {
    const from = xOf(token.emittedMs)
    return { from, to: from + labelWidth(token) + 2 }
  })
  const lanes = lanesOf(extents)
  const boxes = tokens.map((token, index) =>
    labelSvg(shownText(token), {
      x: extents[index]?.from ?? 0,
      y: (lanes[index] ?? 0) * LANE_HEIGHT,
      width: labelWidth(token),
      height: BAR_HEIGHT,
      colour: outcomes[token.outcome].colour,
      title: tokenTitle(token, outcomes[token.outcome].meaning),
    }),
  )
  return { svg: boxes.join(''), lanes: Math.max(0, ...lanes) + 1 }
}

/** Spaces and line breaks shown as marks, long texts cut. */
function shownText({ token }: WireTokenTrace): string {
  const marked = token.text.replace(/^ /, '·').replaceAll('\n', '⏎').replaceAll('\t', '⇥')
  const characters = [...marked]
  return characters.length <= LONGEST_LABEL ? marked : `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`
}

function labelWidth(token: WireTokenTrace): number {
  return [...shownText(token)].length * CHARACTER_PIXELS + 8
}

function tokenTitle(trace: WireTokenTrace, outcome: string): string {
  const { position, token, upstream, steered, shift, draft, emittedMs } = trace
  const list = (tokens: readonly { readonly text: string; readonly logprob: number }[]) =>
    tokens
      .slice(0, 4)
      .map(({ text, logprob }) => `${JSON.stringify(text)} ${Math.exp(logprob).toFixed(2)}`)
      .join(', ')
  return [
    `#${position} ${JSON.stringify(token.text)} at ${emittedMs.toFixed(0)} ms: ${outcome}`,
    ...(draft === null || draft.id === token.id ? [] : [`guess: ${JSON.stringify(draft.text)}`]),
    `large model: ${list(upstream)}`,
    `steered: ${list(steered)}`,
    `shift by the profile: ${shift.toFixed(2)} nats`,
  ].join('\n')
}
