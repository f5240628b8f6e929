interface Dated {
  readonly date?: string | null | undefined
}

/** Orders texts by their dates, those without one last. */
export function newestFirst(a: Dated, b: Dated): number {
  const [dateA, dateB] = [a.date ?? '', b.date ?? '']
  return dateA === dateB ? 0 : dateA < dateB ? 1 : -1
}
