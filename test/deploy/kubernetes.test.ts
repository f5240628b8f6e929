import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/config/load-config.ts'
import { ProfileStore } from '../../src/profiles/profile-store.ts'
import { isLoopback } from '../../src/upstream/http/loopback.ts'
import { environmentOf, parseDockerfile, textsOf } from './dockerfile.ts'
import { kustomizationSchema, type Manifest, manifestSchema } from './kubernetes-schema.ts'

const FOLDER = 'deploy/kubernetes'
function read(name: string) {
  return readFileSync(join(FOLDER, name), 'utf8')
}
const kustomization = kustomizationSchema.parse(parse(read('kustomization.yaml')))
// Kubernetes reads YAML 1.1, where 0440 is octal.
const manifests = kustomization.resources.flatMap((name) =>
  parseAllDocuments(read(name), { version: '1.1' }).map((document) => manifestSchema.parse(document.toJS())),
)

function ofKind<K extends Manifest['kind']>(kind: K) {
  return manifests.filter((one): one is Extract<Manifest, { kind: K }> => one.kind === kind)
}
function named<K extends Manifest['kind']>(kind: K, name: string) {
  const found = ofKind(kind).find((one) => one.metadata.name === name)
  if (found === undefined) throw new Error(`There is no ${kind} ${name}.`)
  return found
}
const templates = [...ofKind('Deployment'), ...ofKind('Job')].map(({ spec }) => spec.template)
function containersOf({ spec }: (typeof templates)[number]) {
  return [...spec.initContainers, ...spec.containers]
}

const app = named('Deployment', 'app').spec.template
const [gateway] = app.spec.initContainers
const vllm = named('Deployment', 'vllm').spec.template
if (gateway === undefined) throw new Error('The app has no sidecar.')

describe('the kustomization', () => {
  test('lists every manifest of the folder, and files that exist', () => {
    const others = ['kustomization.yaml', 'gateway.yaml']
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && !others.includes(name))
    expect([...kustomization.resources].sort()).toEqual(files.sort())
    const generated = [...kustomization.configMapGenerator, ...kustomization.secretGenerator]
    for (const file of generated.flatMap(({ files }) => files))
      expect(existsSync(join(FOLDER, file)), file).toBe(true)
  })

  test('gives every image a version', () => {
    const tags = new Map(kustomization.images.map(({ name, newTag }) => [name, newTag]))
    for (const { image } of templates.flatMap(containersOf)) {
      const tag = image.split(':')[1] ?? tags.get(image)
      expect(tag, image).toMatch(/^v?\d/)
    }
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(tags.get('costeer-gateway')).toBe(version)
  })

  test('makes what the pods mount', () => {
    const configMaps = kustomization.configMapGenerator.map(({ name }) => name)
    const secrets = kustomization.secretGenerator.map(({ name }) => name)
    const claims = ofKind('PersistentVolumeClaim').map(({ metadata }) => metadata.name)
    for (const { spec } of templates) {
      for (const { configMap, secret, persistentVolumeClaim: claim } of spec.volumes) {
        if (configMap) expect(configMaps).toContain(configMap.name)
        if (secret) expect(secrets).toContain(secret.secretName)
        if (claim) expect(claims).toContain(claim.claimName)
      }
      const mounted = [...spec.initContainers, ...spec.containers].flatMap(({ volumeMounts }) => volumeMounts)
      expect(new Set(mounted.map(({ name }) => name))).toEqual(new Set(spec.volumes.map(({ name }) => name)))
    }
  })
})

describe('the sidecar', () => {
  test('is a native one: it starts before the app and runs as long', () => {
    expect(gateway.restartPolicy).toBe('Always')
    expect(app.spec.initContainers).toHaveLength(1)
    expect(gateway.startupProbe).toBeDefined()
  })

  test('listens on loopback, where the app looks for it', async () => {
    const { config } = await loadConfig(join(FOLDER, 'gateway.yaml'))
    expect(isLoopback(config.server.host)).toBe(true)
    expect(gateway.ports).toEqual([])
    const address = `http://${config.server.host}:${config.server.port}/v1`
    expect(app.spec.containers[0]?.env).toContainEqual({ name: 'OPENAI_BASE_URL', value: address })
  })

  test('is probed by commands, because no probe from outside the pod reaches loopback', () => {
    const image = parseDockerfile(readFileSync('Dockerfile', 'utf8')).at(-1)
    const copied = image === undefined ? [] : textsOf(image, 'COPY')
    expect(copied).toContain('deploy/probe.mjs ./deploy/')
    const { startupProbe, readinessProbe, livenessProbe } = gateway
    const commands = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.exec?.command)
    const probe = (path: string) => ['node', '/app/deploy/probe.mjs', path]
    expect(commands).toEqual([probe('/healthz'), probe('/healthz'), probe('/readyz')])
  })

  test('may write nothing but /tmp', () => {
    expect(gateway.securityContext.readOnlyRootFilesystem).toBe(true)
    const writable = gateway.volumeMounts.filter(({ readOnly }) => !readOnly)
    expect(writable.map(({ mountPath }) => mountPath)).toEqual(['/tmp'])
  })

  test('is the only container that sees profiles, at the folder that its configuration names', async () => {
    const { profileFolder, config } = await loadConfig(join(FOLDER, 'gateway.yaml'))
    const [volume] = app.spec.volumes.filter(({ secret }) => secret !== undefined)
    expect(gateway.volumeMounts).toContainEqual({
      name: volume?.name,
      mountPath: profileFolder,
      readOnly: true,
    })
    expect(
      app.spec.containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name)),
    ).not.toContain(volume?.name)
    expect(volume?.secret?.defaultMode).toBe(0o440)
    const store = await ProfileStore.open(join(FOLDER, 'profiles'), { watch: false })
    expect(store.problems()).toEqual([])
    expect(store.has(config.profiles.default)).toBe(true)
  })

  test('has as many threads as whole cores, and time to drain', async () => {
    const { config } = await loadConfig(join(FOLDER, 'gateway.yaml'))
    const { requests, limits } = gateway.resources
    expect(limits).toEqual(requests)
    expect(config.local).toMatchObject({ threads: Number(limits.cpu) })
    expect(app.spec.terminationGracePeriodSeconds ?? 0).toBeGreaterThan(config.server.drain_ms / 1000 + 10)
  })

  test('finds the model that the Job fetched, as the same user', async () => {
    const { config } = await loadConfig(join(FOLDER, 'gateway.yaml'))
    const job = named('Job', 'fetch-models').spec.template
    expect(job.spec.containers[0]?.args).toEqual(['pull', config.local.model])
    expect(job.spec.securityContext).toEqual(app.spec.securityContext)
    const image = parseDockerfile(readFileSync('Dockerfile', 'utf8')).at(-1)
    if (image === undefined) throw new Error('The Dockerfile has no stages.')
    const { COSTEER_HOME: home } = environmentOf(image)
    for (const container of [gateway, job.spec.containers[0]]) {
      expect(container?.volumeMounts.map(({ mountPath }) => mountPath)).toContain(home)
    }
    const { runAsUser, runAsGroup } = app.spec.securityContext
    expect(textsOf(image, 'USER')).toEqual([`${runAsUser}:${runAsGroup}`])
  })
})

describe('the upstream', () => {
  test('is where the gateway looks for it, under the name that it asks for', async () => {
    const { config } = await loadConfig(join(FOLDER, 'gateway.yaml'))
    const { vllm: upstream } = config.upstreams
    if (upstream?.kind !== 'vllm') throw new Error('The configuration has no vLLM.')
    const service = named('Service', 'vllm')
    expect(upstream.url).toBe(`http://${service.metadata.name}:${service.spec.ports[0]?.port}`)
    expect(vllm.spec.containers[0]?.args).toContain(`--served-model-name=${upstream.model}`)
    const allowed = vllm.spec.containers[0]?.args?.find((one) => one.startsWith('--max-logprobs='))
    expect(Number(allowed?.split('=')[1])).toBeGreaterThanOrEqual(100)
  })

  test('has pods behind every Service', () => {
    for (const { spec } of ofKind('Service')) {
      const pods = templates.filter(({ metadata }) => matches(spec.selector, metadata.labels))
      expect(pods).toHaveLength(1)
      const ports = pods.flatMap(containersOf).flatMap((container) => container.ports.map(({ name }) => name))
      for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort)
    }
  })
})

describe('the network policies', () => {
  const policies = ofKind('NetworkPolicy')
  const egressOf = (podLabels: Record<string, string>) =>
    policies
      .filter(
        ({ spec }) =>
          !('matchLabels' in spec.podSelector) || matches(spec.podSelector.matchLabels, podLabels),
      )
      .flatMap(({ spec }) => spec.egress ?? [])

  test('deny what no other one allows', () => {
    expect(named('NetworkPolicy', 'default-deny').spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    })
  })

  test('let a pod that holds profiles reach the upstream and DNS, and no address outside the cluster', () => {
    const egress = egressOf(app.metadata.labels)
    expect(egress.flatMap(({ to }) => to).filter(({ ipBlock }) => ipBlock !== undefined)).toEqual([])
    expect(egress.flatMap(({ ports }) => ports.map(({ port }) => port)).sort()).toEqual([53, 53, 8000])
    const upstreams = egress.filter(({ ports }) => ports[0]?.port === 8000).flatMap(({ to }) => to)
    expect(upstreams).toEqual([{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'vllm' } } }])
  })

  test('are about pods that exist', () => {
    for (const { metadata, spec } of policies) {
      const selector = 'matchLabels' in spec.podSelector ? spec.podSelector.matchLabels : {}
      expect(
        templates.some((pod) => matches(selector, pod.metadata.labels)),
        metadata.name,
      ).toBe(true)
    }
  })

  test('mark exactly the pods that mount a Secret as holders of profiles', () => {
    for (const { metadata, spec } of templates) {
      const holds = spec.volumes.some(({ secret }) => secret !== undefined)
      expect(metadata.labels['holds-profiles'] === 'true').toBe(holds)
      expect(holds && metadata.labels['reaches-model-hub'] === 'true').toBe(false)
    }
  })
})

test('the namespace enforces the restricted Pod Security Standard', () => {
  const namespace = named('Namespace', kustomization.namespace)
  expect(namespace.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' })
})

function matches(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}
