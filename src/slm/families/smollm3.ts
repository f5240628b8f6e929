import type { Family } from './family.ts'

/** No key of the file says so: it is the same in all models that there are. */
const LAYERS_BETWEEN_UNROTATED = 4

export const smollm3: Family = {
  rotaryLayout: 'interleaved',
  traits: ({ layers, rotation }) => ({
    rotations: Array.from({ length: layers }, (_, layer) =>
      (layer + 1) % LAYERS_BETWEEN_UNROTATED === 0 ? null : rotation,
    ),
  }),
}
