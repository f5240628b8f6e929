import type { Config } from '../../config/schema.ts'
import type { OpenedUpstream } from '../../upstream/open-remote.ts'
import type { Readiness } from '../gateway.ts'

type Watched = Pick<OpenedUpstream, 'obstacle'>

/**
 * The gateway is ready while at least one model that the configuration names can answer: clients of one need
 * not suffer from the server of another. The sentence names models and upstreams, never an address.
 */
export async function readiness(
  { names, catch_all: rest }: Config['models'],
  upstreams: ReadonlyMap<string, Watched>,
): Promise<Readiness> {
  const meanings = Object.entries(names)
  if (rest !== undefined) meanings.push(['any other name', rest])
  const targets = [...new Set(meanings.map(([, upstream]) => upstream))]
  const obstacles = await Promise.all(targets.map(async (upstream) => upstreams.get(upstream)?.obstacle()))
  const silent = targets.flatMap((upstream, at) => {
    const obstacle = obstacles[at] ?? null
    if (obstacle === null) return []
    const models = meanings.filter(([, target]) => target === upstream).map(([model]) => model)
    return [`${models.join(', ')} (upstream ${upstream} ${obstacle})`]
  })
  if (targets.length === 0) return { ready: false, missing: 'The configuration names no model.' }
  if (silent.length === 0) return { ready: true, missing: null }
  const all = silent.join('; ')
  return silent.length < targets.length
    ? { ready: true, missing: `These models cannot answer: ${all}.` }
    : { ready: false, missing: `No model can answer: ${all}.` }
}
