import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AssembledImage, assembleImage, snapshot } from './assembled-image.ts'
import { installModel } from './installed-model.ts'
import { type Gateway, killGateways, probeGateway, startGateway } from './running-gateway.ts'

let image: AssembledImage
beforeAll(async () => {
  image = await assembleImage()
})
afterAll(() => image?.remove())

describe('what the Dockerfile builds', () => {
  test('holds the packages of production and no others', async () => {
    const lock = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>
    }
    const installed = JSON.parse(
      await readFile(join(image.app, 'node_modules/.package-lock.json'), 'utf8'),
    ) as typeof lock
    const production = Object.entries(lock.packages)
      .filter(([path, { dev, devOptional, optional }]) => path !== '' && !dev && !devOptional && !optional)
      .map(([path]) => path)
    expect(Object.keys(installed.packages)).toEqual(expect.arrayContaining(production))
    const surplus = Object.keys(installed.packages).filter((path) => lock.packages[path]?.dev)
    expect(surplus).toEqual([])
    for (const name of ['typescript', 'vitest', '@biomejs/biome']) {
      await expect(stat(join(image.app, 'node_modules', name))).rejects.toThrow('ENOENT')
    }
  })

  test("holds the binaries of onnxruntime for this platform and nobody else's", async () => {
    const binaries = join(image.app, 'node_modules/onnxruntime-node/bin/napi-v6')
    expect(await readdir(binaries)).toEqual([process.platform])
    expect(await readdir(join(binaries, process.platform))).toEqual([process.arch])
  })

  test('holds no weights, no profile, no source and no test', async () => {
    const paths = await readdir(image.app, { recursive: true })
    const own = paths.filter((path) => !path.startsWith('node_modules/'))
    expect(own.filter((path) => /\.(gguf|onnx|ts)$|^(src|test|profiles\/.)/.test(path))).toEqual([])
    expect(own).toEqual(expect.arrayContaining(['dist/main.js', 'config/default.yaml', 'deploy/probe.mjs']))
  })
})

describe('the gateway in the image, as its user, on a tree that nobody may write to', () => {
  let gateway: Gateway
  let before: readonly string[]
  beforeAll(async () => {
    before = await snapshot(image.app)
    await installModel(image)
    gateway = await startGateway(image)
  })
  afterAll(killGateways)

  test('starts with the default configuration and answers the probes of the image', async () => {
    expect(await probeGateway(image, gateway, '/healthz')).toEqual({ code: 0, said: '' })
    expect(await probeGateway(image, gateway, '/readyz')).toEqual({ code: 0, said: '' })
  })

  test('serves its page', async () => {
    const response = await fetch(gateway.url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  })

  test('answers a chat completion', async () => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'costeer',
        messages: [{ role: 'user', content: 'Say hello.' }],
        max_tokens: 4,
      }),
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ usage: { completion_tokens: expect.any(Number) } })
  })

  test('ends with exit code 0 on SIGTERM', async () => {
    expect(await gateway.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  test('has written nothing outside its cache', async () => {
    expect(await snapshot(image.app)).toEqual(before)
    expect(await readdir(image.temporary)).toEqual([])
  })

  test('starts again from a cache that it may only read', async () => {
    const again = await startGateway(image, { readOnlyCache: true })
    expect(await probeGateway(image, again, '/readyz')).toEqual({ code: 0, said: '' })
    expect(await again.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  test('ends with exit code 0 on SIGTERM while it still loads its models', async () => {
    const starting = await startGateway(image, { until: /Preparing/ })
    expect(await starting.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})
