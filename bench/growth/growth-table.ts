import { type FittedGrowth, fittedGrowth } from './fitted-growth.ts'
import type { CurvePoint } from './growth-curve.ts'

/** How each figure of a curve grows, by its name; null where too little was measured. */
export function growthOf(points: readonly CurvePoint[]): Readonly<Record<string, FittedGrowth | null>> {
  return Object.fromEntries(
    figureNames(points).map((name) => {
      const costs = points.map(({ at, figures }) => ({ size: at, cost: figures[name] ?? Number.NaN }))
      return [name, fittedGrowth(costs)] as const
    }),
  )
}

/** A row for each point, and below them how each figure grows. */
export function growthTable(axis: string, points: readonly CurvePoint[]): string {
  const names = figureNames(points)
  const growth = growthOf(points)
  const fitted = (label: string, value: (one: FittedGrowth) => string) => {
    const cells = names.map((name) => {
      const one = growth[name] ?? null
      return one === null ? '' : value(one)
    })
    return [label, ...cells]
  }
  const rows = [
    [axis, ...names],
    ['---', ...names.map(() => '---')],
    ...points.map(({ at, figures }) => [
      shown(at),
      ...names.map((name) => {
        const value = figures[name] ?? null
        return value === null ? '' : shown(value)
      }),
    ]),
    fitted('grows as the power', ({ exponent }) => exponent.toFixed(2)),
    fitted('between the last two', ({ lastExponent }) => lastExponent.toFixed(2)),
    fitted('fixed', ({ fixed }) => shown(fixed)),
    fitted('for each', ({ each }) => shown(each)),
  ]
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function figureNames(points: readonly CurvePoint[]): string[] {
  return [...new Set(points.flatMap(({ figures }) => Object.keys(figures)))]
}

/** Three digits, or all of those before the point. */
function shown(value: number): string {
  const digits = Math.abs(value) < 1000 ? Number(value.toPrecision(3)) : Math.round(value)
  return digits.toLocaleString('en', { maximumSignificantDigits: 21 })
}
