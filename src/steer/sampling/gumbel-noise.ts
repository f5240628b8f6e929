/**
 * Standard Gumbel noise that is a pure function of (seed, position, token): the argmax of scores plus this
 * noise is a sample of their softmax, and a speculative run draws the same sample as a token-by-token run.
 * `seed` is any integer (its low 53 bits count), `position` the index of the emitted token.
 */
export function gumbelNoise(seed: number, position: number, token: number): number {
  let high = mix(seed >>> 0, 0x9e3779b9)
  high = mix(high ^ Math.floor(seed / 4294967296), 0x85ebca6b)
  high = mix(high ^ position, 0xc2b2ae35)
  high = mix(high ^ token, 0x27d4eb2f)
  const low = mix(high ^ 0x165667b1, 0xd3a2646c)
  // 53 random bits, centred so that neither 0 nor 1 can occur.
  const uniform = ((high >>> 5) * 67108864 + (low >>> 6) + 0.5) / 9007199254740992
  return -Math.log(-Math.log(uniform))
}

/** A bijective 32-bit finaliser (the constants of "lowbias32") over the input plus a stream constant. */
function mix(input: number, stream: number): number {
  let x = (input + stream) | 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}
