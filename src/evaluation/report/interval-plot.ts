import type { Estimate } from '../statistics/paired-bootstrap.ts'
import { escapeHtml } from './escape-html.ts'

export interface PlottedEstimate {
  readonly label: string
  readonly estimate: Estimate
}

const LABEL_WIDTH = 340
const PLOT_WIDTH = 460
const ROW_HEIGHT = 22
const MARGIN = 14

/** A horizontal plot as SVG: a dot and its interval for each label, and a line at zero. */
export function intervalPlot(title: string, items: readonly PlottedEstimate[]): string {
  const values = items.flatMap(({ estimate: { low, high, mean } }) => [low, high, mean])
  const low = Math.min(0, ...values)
  const high = Math.max(0, ...values)
  const x = (value: number) => (LABEL_WIDTH + ((value - low) / (high - low || 1)) * PLOT_WIDTH).toFixed(1)
  const height = MARGIN * 3 + items.length * ROW_HEIGHT
  const rows = items.map(({ label, estimate }, index) => {
    const y = MARGIN * 2 + index * ROW_HEIGHT
    return [
      `<text x="${LABEL_WIDTH - 10}" y="${y + 4}" text-anchor="end">${escapeHtml(label)}</text>`,
      `<line x1="${x(estimate.low)}" x2="${x(estimate.high)}" y1="${y}" y2="${y}" class="interval"/>`,
      `<circle cx="${x(estimate.mean)}" cy="${y}" r="4"/>`,
      `<title>${escapeHtml(`${label}: ${estimate.mean.toFixed(3)}`)}</title>`,
    ].join('')
  })
  const end = height - MARGIN
  return [
    `<figure><figcaption>${escapeHtml(title)}</figcaption>`,
    `<svg viewBox="0 0 ${LABEL_WIDTH + PLOT_WIDTH + MARGIN * 2} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
    `<line x1="${x(0)}" x2="${x(0)}" y1="${MARGIN}" y2="${end}" class="zero"/>`,
    ...rows.map((row) => `<g>${row}</g>`),
    `<text x="${x(low)}" y="${end + 10}">${low.toFixed(3)}</text>`,
    `<text x="${x(high)}" y="${end + 10}" text-anchor="end">${high.toFixed(3)}</text>`,
    '</svg></figure>',
  ].join('\n')
}
