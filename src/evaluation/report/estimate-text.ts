import type { Estimate } from '../statistics/paired-bootstrap.ts'

/** `-0.036 [-0.045, -0.027]` */
export function estimateText(
  { mean, low, high }: Estimate,
  shown: (value: number) => string = (value) => value.toFixed(3),
): string {
  return `${shown(mean)} [${shown(low)}, ${shown(high)}]`
}

/** `31 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
