import { skeletonLetters } from '../../src/guard/matching/skeleton.ts'

/** Whether a form stands in a text as it was declared, by other means than the guard's. */
export function stands(form: string, text: string): boolean {
  const isLong = [...skeletonLetters(form)].length >= 6
  const around = isLong ? ['', ''] : ['(?<![\\p{L}\\p{N}\\p{M}])', '(?![\\p{L}\\p{N}\\p{M}])']
  return new RegExp(around.join(escaped(form)), 'iu').test(text)
}

function escaped(form: string): string {
  return form.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}
