/** How a cost grows, by two fits, since most costs are something fixed and something for each. */
export interface FittedGrowth {
  /** p of `cost = c * size^p`, by least squares of the logarithms of all points. */
  readonly exponent: number
  /** p between the last two points, where what is fixed counts least. */
  readonly lastExponent: number
  /** Of `cost = fixed + each * size`, by least squares of the relative errors: every point counts alike. */
  readonly fixed: number
  readonly each: number
}

export interface SizedCost {
  readonly size: number
  readonly cost: number
}

/** What is not above 0, or no number, is left out; null where fewer than two sizes are left. */
export function fittedGrowth(points: readonly SizedCost[]): FittedGrowth | null {
  const usable = points
    .filter(({ size, cost }) => size > 0 && cost > 0 && Number.isFinite(cost))
    .toSorted((a, b) => a.size - b.size)
  const [before, last] = usable.slice(-2)
  if (before === undefined || last === undefined || usable[0]?.size === last.size) return null
  const logarithms = usable.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost), weight: 1 }))
  const { intercept, slope } = weightedLine(
    usable.map(({ size, cost }) => ({ x: size, y: cost, weight: 1 / cost ** 2 })),
  )
  return {
    exponent: weightedLine(logarithms).slope,
    lastExponent: Math.log(last.cost / before.cost) / Math.log(last.size / before.size),
    fixed: intercept,
    each: slope,
  }
}

/** The line with the least weighted squares of errors in y. */
function weightedLine(
  points: readonly { readonly x: number; readonly y: number; readonly weight: number }[],
) {
  const total = points.reduce((sum, { weight }) => sum + weight, 0)
  const mean = (value: 'x' | 'y') =>
    points.reduce((sum, point) => sum + point.weight * point[value], 0) / total
  const [meanX, meanY] = [mean('x'), mean('y')]
  const products = (other: 'x' | 'y', otherMean: number) =>
    points.reduce((sum, point) => sum + point.weight * (point.x - meanX) * (point[other] - otherMean), 0)
  const slope = products('y', meanY) / products('x', meanX)
  return { slope, intercept: meanY - slope * meanX }
}
