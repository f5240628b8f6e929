import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { configSchema } from '../../src/config/schema.ts'

const page = readFileSync('docs/deployment.md', 'utf8')
function found(pattern: RegExp) {
  return [...page.matchAll(pattern)].map(([, name = '']) => name)
}
const { services } = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true }) as {
  services: Record<string, unknown>
}

describe('docs/deployment.md', () => {
  test('names files and folders that exist', () => {
    const paths = found(/\b((?:deploy|test\/deploy)\/[\w./-]*[\w/])/g)
    expect(paths.length).toBeGreaterThan(10)
    for (const path of paths) expect(existsSync(path), path).toBe(true)
  })

  test('names configuration keys that exist', () => {
    const config = configSchema.parse({ upstreams: {} })
    const keys = found(/`((?:server|local|profiles)\.\w+)/g)
    expect(keys.length).toBeGreaterThan(3)
    for (const key of keys) {
      const [section = '', name = ''] = key.split('.')
      expect(config[section as 'server' | 'local' | 'profiles'], key).toHaveProperty(name)
    }
  })

  test('names services of the Compose file that exist', () => {
    const section = page.slice(page.indexOf('## Docker Compose'), page.indexOf('## Kubernetes'))
    const table = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)
    const used = found(/compose\.yaml (?:exec|stop) (\w+)/g)
    expect(table.filter((name) => name in services).sort()).toEqual(Object.keys(services).sort())
    for (const name of used) expect(services).toHaveProperty(name)
  })

  test('names resources of the manifests that exist', () => {
    for (const name of found(/(?:deployment|service|job)\/([\w-]+)/g)) {
      const manifests = ['app', 'models', 'vllm'].map((file) =>
        readFileSync(`deploy/kubernetes/${file}.yaml`, 'utf8'),
      )
      expect(manifests.join('\n')).toMatch(new RegExp(`^  name: ${name}$`, 'm'))
    }
  })
})
