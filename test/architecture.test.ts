import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** From top to bottom; a layer may import itself and the layers below it. `|` puts layers side by side. */
const layers = [
  ['main.ts'],
  ['cli'],
  ['proxy', 'evaluation'],
  ['gateway'],
  ['config'],
  ['upstream', 'profiles', 'models'],
  ['slm'],
  ['steer'],
  ['environment.ts'],
  ['gateway-error.ts'],
]
const level = new Map(layers.flatMap((names, depth) => names.map((name) => [name, depth] as const)))

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
)
function layerOf(path: string): string {
  return path.split('/')[0] as string
}
function textOf(path: string): string {
  return readFileSync(join(root, 'src', path), 'utf8')
}

/** Files that a file imports, types included. */
function importsOf(path: string): string[] {
  return [...textOf(path).matchAll(/from '(\.[^']+)'|import\('(\.[^']+)'\)/g)].map(([, named, loaded]) =>
    join(dirname(path), named ?? loaded ?? ''),
  )
}

/** The first way found that leads from a name back to itself, or an empty one. */
function circleAmong(
  names: readonly string[],
  nextOf: (name: string) => readonly string[],
): readonly string[] {
  const cleared = new Set<string>()
  const circleFrom = (name: string, way: readonly string[]): readonly string[] => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name]
    if (cleared.has(name)) return []
    for (const next of nextOf(name)) {
      const circle = circleFrom(next, [...way, name])
      if (circle.length > 0) return circle
    }
    cleared.add(name)
    return []
  }
  return names.map((name) => circleFrom(name, [])).find((circle) => circle.length > 0) ?? []
}

/** The folders below a layer that the files of one of them import. */
function roomsUsedBy(room: string): string[] {
  const files = sources.filter((path) => dirname(path) === room)
  const used = files.flatMap(importsOf).map((path) => dirname(path))
  return [...new Set(used)].filter((other) => other !== room && other.startsWith(`${layerOf(room)}/`))
}

describe('the source tree', () => {
  test.each(sources)('src/%s imports only its own layer and layers below', (path) => {
    const own = layerOf(path)
    expect(level.has(own), `the layer ${own} is not listed`).toBe(true)
    for (const [, target] of textOf(path).matchAll(/from '(\.[^']+)'|import\('(\.[^']+)'\)/g)) {
      if (target === undefined) continue
      const imported = layerOf(relative('src', join('src', dirname(path), target)))
      const sideways = imported !== own && level.get(imported) === level.get(own)
      expect(sideways, `${path} imports ${imported}, a layer beside its own`).toBe(false)
      expect(level.get(imported) ?? -1, `${path} imports ${imported}`).toBeGreaterThanOrEqual(
        level.get(own) ?? 0,
      )
    }
  })

  test('has no circle of imports, type imports included', () => {
    expect(circleAmong(sources, importsOf)).toEqual([])
  })

  test.each(['steer', 'slm'])('lets the rooms of src/%s import each other in one direction', (layer) => {
    const rooms = new Set(sources.map((path) => dirname(path)).filter((room) => room.startsWith(`${layer}/`)))
    expect(circleAmong([...rooms], roomsUsedBy)).toEqual([])
  })

  test.each(sources.filter((path) => layerOf(path) === 'steer'))('src/%s does no I/O', (path) => {
    expect(textOf(path)).not.toMatch(/from '(node:|[a-z@])/)
  })

  test.each(sources)('src/%s keeps to the size of one concept', (path) => {
    const text = textOf(path)
    const hasReason = /^\/\/ Longer than 300 lines: /.test(text)
    expect(hasReason || text.split('\n').length <= 301).toBe(true)
    expect(path).toMatch(/^[a-z0-9/-]+\.ts$/)
    expect(path).not.toMatch(/utils|helpers|misc|common|index\.ts/)
  })

  test.each(sources.filter((path) => !path.startsWith('environment')))(
    'src/%s reads no environment',
    (path) => {
      expect(textOf(path)).not.toMatch(/process\.env/)
    },
  )
})
