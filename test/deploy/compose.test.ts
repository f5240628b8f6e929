import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { configSchema } from '../../src/config/schema.ts'
import { isLoopback } from '../../src/upstream/http/loopback.ts'
import { type Compose, composeSchema, type Service } from './compose-schema.ts'
import { environmentOf, parseDockerfile } from './dockerfile.ts'

function read(name: string): Compose {
  return composeSchema.parse(parse(readFileSync(join('deploy', name), 'utf8'), { merge: true }))
}
const sidecar = read('compose.yaml')
const shared = read('compose.keys.yaml')
const files = [
  ['compose.yaml', sidecar],
  ['compose.keys.yaml', shared],
] as const

/** A service of a file, or of the file that it extends. */
function serviceOf(compose: Compose, name: string): Service {
  const service = compose.services[name]
  if (service === undefined) throw new Error(`There is no service ${name}.`)
  return 'extends' in service ? serviceOf(read(service.extends.file), service.extends.service) : service
}
function servicesOf(compose: Compose) {
  return Object.keys(compose.services).map((name) => [name, serviceOf(compose, name)] as const)
}

/** The path in this repository of the file that a service sees at `target`. */
function fileAt(compose: Compose, { configs, secrets }: Service, target: string | undefined): string {
  const { source } = [...configs, ...secrets].find((one) => one.target === target) ?? {}
  const origin = { ...compose.configs, ...compose.secrets }[source ?? '']
  if (origin === undefined || !('file' in origin)) throw new Error(`Nothing is mounted at ${target}.`)
  return join('deploy', origin.file)
}

/** What the gateway of a file reads as its configuration. */
function configOf(compose: Compose) {
  const gateway = serviceOf(compose, 'gateway')
  const path = fileAt(compose, gateway, gateway.environment.COSTEER_CONFIG)
  return configSchema.parse(parse(readFileSync(path, 'utf8')))
}

describe.each(files)('deploy/%s', (_name, compose) => {
  const gateway = serviceOf(compose, 'gateway')
  const config = configOf(compose)

  test('uses only networks, volumes, configs and secrets that it declares, and files that exist', () => {
    for (const [, service] of servicesOf(compose)) {
      for (const name of service.networks ?? []) expect(compose.networks).toHaveProperty(name)
      for (const { source } of service.volumes) expect(compose.volumes).toHaveProperty(source)
      for (const { source } of service.configs) expect(compose.configs).toHaveProperty(source)
      for (const { source } of service.secrets) expect(compose.secrets).toHaveProperty(source)
      for (const name of Object.keys(service.depends_on)) expect(compose.services).toHaveProperty(name)
    }
    for (const origin of [...Object.values(compose.configs), ...Object.values(compose.secrets)]) {
      if ('file' in origin) expect(existsSync(join('deploy', origin.file)), origin.file).toBe(true)
    }
  })

  test('runs every service of ours with a read-only root, without capabilities, from a fixed version', () => {
    for (const [name, service] of servicesOf(compose)) {
      expect(service.image, name).toMatch(/:v?\d/)
      if (name !== 'vllm')
        expect(service, name).toMatchObject({ ...compose['x-hardened'], restart: service.restart })
    }
  })

  test('gives the gateway its model read-only, its profiles as secrets and no way to write one down', () => {
    const image = parseDockerfile(readFileSync('Dockerfile', 'utf8')).at(-1)
    const { COSTEER_HOME: home } = image === undefined ? {} : environmentOf(image)
    expect(gateway.volumes).toEqual([{ type: 'volume', source: 'models', target: home, read_only: true }])
    const { folder } = config.profiles
    const ids = gateway.secrets.map(({ target }) => target).filter((target) => target.startsWith(folder))
    expect(ids).toEqual([`${folder}/example.yaml`])
    expect(config.upstreams.vllm).toMatchObject({ url: 'http://vllm:8000' })
    expect(gateway.ulimits).toEqual({ core: 0 })
    expect(gateway.memswap_limit).toBe(gateway.mem_limit)
  })

  test('has as many threads as CPUs, and time to drain', () => {
    expect(config.local).toMatchObject({ threads: gateway.cpus })
    expect(Number.parseInt(gateway.stop_grace_period ?? '', 10)).toBeGreaterThan(
      config.server.drain_ms / 1000,
    )
  })

  test('fetches the local model and serves the upstream model that the gateway asks for', () => {
    expect(serviceOf(compose, 'models').command).toEqual(['pull', config.local.model])
    const { vllm } = config.upstreams
    const command = serviceOf(compose, 'vllm').command ?? []
    expect(vllm?.kind === 'vllm' && command.includes(`--served-model-name=${vllm.model}`)).toBe(true)
  })

  test('keeps containers that hold profiles off every network with a way out', () => {
    const networks =
      gateway.network_mode === 'service:pod' ? serviceOf(compose, 'pod').networks : gateway.networks
    for (const name of networks ?? []) {
      const { internal, driver_opts } = compose.networks[name] ?? {}
      const translated = driver_opts?.['com.docker.network.bridge.enable_ip_masquerade'] !== 'false'
      expect(internal || !translated, name).toBe(true)
    }
  })

  test('publishes the port of the app alone, on loopback', () => {
    const published = servicesOf(compose).flatMap(([, { ports }]) => ports)
    expect(published).toEqual(['127.0.0.1:3000:3000'])
  })
})

describe('the sidecar of deploy/compose.yaml', () => {
  test('shares the network namespace of the app and listens on its loopback', () => {
    const [app, gateway] = [serviceOf(sidecar, 'app'), serviceOf(sidecar, 'gateway')]
    expect([app.network_mode, gateway.network_mode]).toEqual(['service:pod', 'service:pod'])
    const config = configOf(sidecar)
    expect(isLoopback(config.server.host)).toBe(true)
    expect(app.environment.OPENAI_BASE_URL).toBe(`http://${config.server.host}:${config.server.port}/v1`)
  })
})

describe('the shared gateway of deploy/compose.keys.yaml', () => {
  const gateway = serviceOf(shared, 'gateway')

  test('listens wider and asks for the key that the app holds, each key bound to a profile', () => {
    const { server } = configOf(shared)
    expect(server.host).toBe('0.0.0.0')
    const [key] = server.keys
    expect(gateway.secrets).toContainEqual({
      source: 'app-key',
      target: key?.key_file,
      uid: '10001',
      gid: '10001',
      mode: 0o400,
    })
    expect(server.keys.map(({ profile }) => profile)).toEqual(['example'])
    const app = serviceOf(shared, 'app')
    expect(shared.secrets['app-key']).toEqual({ environment: 'COSTEER_APP_KEY' })
    expect(app.environment.OPENAI_API_KEY).toMatch(/^\$\{COSTEER_APP_KEY:\?/)
    expect(server.allowed_hosts).toContain(new URL(app.environment.OPENAI_BASE_URL ?? '').hostname)
  })
})
