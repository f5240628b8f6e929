/**
 * Reorders the rows of a q or k matrix (or bias) from interleaved rotary pairs (2p, 2p+1)
 * to two halves (p, p + d/2), among the first `rotated` rows of each head; the others stay where they are.
 * `rowLength` is 1 for a bias. Returns a new array.
 */
export function interleavedToHalves(
  values: Float32Array,
  { heads, rowLength, rotated }: { heads: number; rowLength: number; rotated: number },
): Float32Array {
  const headDim = values.length / rowLength / heads
  const half = rotated / 2
  const out = values.slice()
  for (let head = 0; head < heads; head++) {
    for (let pair = 0; pair < half; pair++) {
      for (let side = 0; side < 2; side++) {
        const from = (head * headDim + 2 * pair + side) * rowLength
        out.set(values.subarray(from, from + rowLength), (head * headDim + side * half + pair) * rowLength)
      }
    }
  }
  return out
}
