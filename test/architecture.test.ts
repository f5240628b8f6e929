import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** From top to bottom; a layer may import itself and those below it, not one beside it. */
const layers = [
  ['main.ts'],
  ['cli'],
  ['proxy', 'evaluation'],
  ['gateway'],
  ['local-server'],
  ['config'],
  ['upstream', 'profiles', 'models'],
  ['slm'],
  ['steer'],
  ['guard'],
  [
    'collect-garbage.ts',
    'did-you-mean.ts',
    'environment.ts',
    'json-value.ts',
    'known-keys.ts',
    'read-regular-file.ts',
    'read-yaml.ts',
    'work-slices.ts',
  ],
  ['event-loop-turn.ts', 'sliced-work.ts'],
  ['gateway-error.ts', 'error-code.ts'],
]
const level = new Map(layers.flatMap((names, depth) => names.map((name) => [name, depth] as const)))

/** Paths of files below a folder of the repository, from that folder on. */
function filesBelow(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((path) =>
    ending.test(path),
  )
}

const sources = filesBelow('src', /\.ts$/)
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

  test.each(['guard', 'steer', 'slm'])(
    'lets the rooms of src/%s import each other in one direction',
    (layer) => {
      const rooms = new Set(
        sources.map((path) => dirname(path)).filter((room) => room.startsWith(`${layer}/`)),
      )
      expect(circleAmong([...rooms], roomsUsedBy)).toEqual([])
    },
  )

  test('lets the profile into prompts by one door', () => {
    const renderings = ['profiles/rendering/private-turns.ts', 'profiles/rendering/private-prose.ts']
    const importers = sources.filter((path) => importsOf(path).some((target) => renderings.includes(target)))
    expect(importers).toEqual(['gateway/prompts/private-prompt.ts'])
  })

  test('keeps on disk what one file has read', () => {
    const keeping = sources.filter((path) => /\bclose\(\{ keepFor\b/.test(textOf(path)))
    expect(keeping).toEqual(['gateway/opening/profile-warmer.ts'])
  })

  test('calls a text public without looking at it in few files', () => {
    const calling = sources.filter((path) => /^import \{[^}]*\bunguarded\b/m.test(textOf(path)))
    expect(calling.toSorted()).toEqual([
      // Fixed texts, and texts that their owner asked to have rated
      'evaluation/answers/generate-answer.ts',
      'evaluation/likelihood/force-row.ts',
      'evaluation/likelihood/forced-text.ts',
      // Answers without private values
      'gateway/answering/encode-prompts.ts',
      'gateway/opening/sample-prompt.ts',
      'gateway/strength-trial.ts',
      // What was looked at token by token
      'steer/guard/prefix-check.ts',
      'steer/guard/public-sequence.ts',
      'steer/lookahead/lookahead-settings.ts',
    ])
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

const sourceFiles = ['src', 'web', 'bench'].flatMap((folder) =>
  filesBelow(folder, /\.tsx?$/).map((path) => join(folder, path)),
)
/** Folders of the source of the program, the page and the benchmarks, each with its files. */
const rooms = [...new Set(sourceFiles.map((path) => dirname(path)))].map((folder) => ({
  folder,
  files: sourceFiles.filter((path) => dirname(path) === folder),
}))

describe('folders', () => {
  test.each(rooms)('$folder holds at most 15 files', ({ files }) => {
    expect(files.length).toBeLessThanOrEqual(15)
  })

  const testFolders = [...new Set(filesBelow('test', /\.ts$/).map((path) => dirname(join('test', path))))]
  test.each(testFolders)('%s holds at most 18 files: of one source several aspects lie there', (folder) => {
    const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'))
    expect(files.length).toBeLessThanOrEqual(18)
  })

  /** Beside `src/main.ts` lies only what every layer may use; in `bench` lie the commands. */
  const owned = rooms.filter(({ folder }) => folder !== 'src' && folder !== 'bench')
  test.each(owned)('$folder says in one file what it owns', ({ files }) => {
    const saying = files.filter((path) => {
      const [head = ''] = /^(\/\/ .*\n)*/.exec(readFileSync(join(root, path), 'utf8')) ?? []
      return /\b[Tt]his (room|folder) owns /.test(head.replaceAll('\n// ', ' '))
    })
    expect(saying).toHaveLength(1)
  })
})

test('ARCHITECTURE.md maps every folder of the first two levels, and no other', () => {
  const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
  const mapped = [...page.matchAll(/^ {4}(\S+)\/ +\S/gm)].map(([, folder]) => folder)
  const folders = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(join(root, 'src'), join(entry.parentPath, entry.name)))
  expect(mapped.toSorted()).toEqual(folders.filter((folder) => folder.split('/').length <= 2).toSorted())
})

/** Tests that are about no single source. */
const UNMIRRORED = /^(architecture\.test\.ts$|(suites|docs|deploy)\/)/
/** Tests elsewhere mirror `src`. */
const mirroredFolders = ['bench', 'web']

describe('tests are named after what they specify', () => {
  const tests = filesBelow('test', /\.test\.ts$/).filter((path) => !UNMIRRORED.test(path))
  test.each(tests)('test/%s has its source at the same place', (path) => {
    const mirrored = mirroredFolders.some((folder) => path.startsWith(`${folder}/`)) ? path : `src/${path}`
    const source = mirrored.replace(/(\.[a-z0-9-]+)*\.test\.ts$/, '')
    const candidates = [`${source}.ts`, `${source}.tsx`]
    expect(candidates.some((file) => existsSync(join(root, file)))).toBe(true)
  })
})
