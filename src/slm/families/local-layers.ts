import { z } from 'zod'

const patternSchema = z.union([z.array(z.coerce.boolean()).min(1), z.coerce.number().int().min(0)]).optional()

/**
 * Which layers see the latest tokens only, by `attention.sliding_window_pattern`: a truth value for each, or
 * the period whose last layer sees all; `every` where the file does not say.
 */
export function localLayers(
  pattern: unknown,
  { layers, every }: { readonly layers: number; readonly every: number },
): readonly boolean[] {
  const written = patternSchema.parse(pattern) ?? every
  return Array.from({ length: layers }, (_, layer) =>
    typeof written === 'number' ? written === 0 || layer % written < written - 1 : written[layer] === true,
  )
}
