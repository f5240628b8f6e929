import type { Finding } from './finding.ts'

/**
 * Whether this Node is one of those that the program is made for; `wanted` is a range of the form `>=20.19`.
 */
export function nodeCheck(wanted: string, version: string = process.versions.node): Finding {
  const check = 'node'
  if (atLeast(version, wanted.replace(/^>=\s*/, '')))
    return { check, status: 'ok', message: `Node ${version}.` }
  return {
    check,
    status: 'fail',
    message: `Node ${version} is too old; ${wanted} is needed.`,
    fix: 'Install a newer Node.',
  }
}

function atLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number))
  for (const [i, number] of (want ?? []).entries()) {
    const own = have?.[i] ?? 0
    if (own !== number) return own > number
  }
  return true
}
