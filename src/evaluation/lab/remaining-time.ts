/** `3 min`, `2 h 5 min`: how long the rest of a run takes if it goes on as until now; '' while nothing is done. */
export function remainingTime(
  { done, all }: { readonly done: number; readonly all: number },
  elapsedMs: number,
): string {
  if (done === 0) return ''
  const minutes = Math.ceil((elapsedMs / done) * ((all - done) / 60_000))
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
