import { type FtrlParameters, ftrlStrength, paperParameters } from '../../steer/strength/ftrl-strength.ts'

/** One setting of the published update: the paper's parameters with one of them changed. */
export interface SweepPoint {
  readonly axis: keyof FtrlParameters
  readonly value: number
  /** c_T, through which alone the five parameters act: points of the same c are the same system. */
  readonly strength: number
}

const axes: Readonly<Record<keyof FtrlParameters, readonly number[]>> = {
  iterations: [1, 2, 5, 10, 20, 40],
  alpha: [0, 0.5, 1, 2, 3],
  beta: [0.1, 0.25, 0.5, 1, 2],
  lambda: [1, 2, 4, 8, 16],
  eta: [0.1, 1, 10, 100],
}

/** The paper's Figure 2: each of the five parameters by itself around the published values. */
export function parameterSweep(): SweepPoint[] {
  return (Object.keys(axes) as (keyof FtrlParameters)[]).flatMap((axis) =>
    axes[axis].map((value) => ({
      axis,
      value,
      strength: rounded(ftrlStrength({ ...paperParameters, [axis]: value })),
    })),
  )
}

/** Settings whose c differs by less cannot be told apart. */
function rounded(strength: number): number {
  return Math.round(strength * 1000) / 1000
}
