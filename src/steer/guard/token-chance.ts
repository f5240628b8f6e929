/**
 * The chance that a token of this probability comes next at `temperature`, [0, 1]: the probability itself at
 * 1, and at 0 all of it for the likeliest. `likeliest` are the probabilities of the likeliest tokens, best
 * first; what they leave counts as tokens like the last of them.
 */
export function chanceOf(probability: number, likeliest: ArrayLike<number>, temperature: number): number {
  if (temperature === 1) return probability
  const most = likeliest[0] ?? 0
  if (temperature === 0) return probability > 0 && probability >= most ? 1 : 0
  // Of the likeliest one, so that nothing becomes too small
  const weight = (share: number) => (share / most) ** (1 / temperature)
  let listed = 0
  let weights = 0
  for (let i = 0; i < likeliest.length; i++) {
    listed += likeliest[i] as number
    weights += weight(likeliest[i] as number)
  }
  const last = likeliest[likeliest.length - 1] ?? 0
  if (last > 0) weights += (Math.max(0, 1 - listed) / last) * weight(last)
  return weights > 0 ? Math.min(1, weight(probability) / weights) : 0
}

/** The chance of a token where all others together count as one. */
export function chanceAgainstAll(probability: number, temperature: number): number {
  const others = 1 - probability
  if (temperature === 0) return probability > others ? 1 : 0
  return chanceOf(probability, [Math.max(probability, others), Math.min(probability, others)], temperature)
}
