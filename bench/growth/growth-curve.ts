// This room owns how cost grows as one thing gets larger: the curves, the fit of each, and their table. It
// must not know how a gateway or a local pair works: other rooms run them.

/** One place of a curve. */
export interface CurvePoint {
  /** How large the thing is that grows. */
  readonly at: number
  /** What was measured there, by name and unit as in `step, ms`; null where the system does not tell. */
  readonly figures: Readonly<Record<string, number | null>>
}

interface CurveOptions {
  /** Two small points, to see that it runs. */
  readonly quick: boolean
  /** Empty, for whatever the curve needs. */
  readonly folder: string
  /** Tells what is measured now. */
  readonly say: (line: string) => void
}

/** A cost, measured at several sizes of one thing. */
export interface GrowthCurve {
  readonly name: string
  /** What grows, such as `tokens of profile`. */
  readonly axis: string
  measure(options: CurveOptions): Promise<CurvePoint[]>
}

/** The model of all curves, which comes with the program. */
export const MODEL = 'smollm2-135m'
