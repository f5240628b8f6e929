import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { copyOf, environmentOf, parseDockerfile, type Stage, textsOf } from './dockerfile.ts'

const stages = parseDockerfile(readFileSync('Dockerfile', 'utf8'))
const [build, runtime] = stages as [Stage, Stage]
const packageJson = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string; license: string }
const allowed = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1))

describe('the Dockerfile', () => {
  test('builds in one stage and runs in another', () => {
    expect(stages.map(({ name }) => name)).toEqual(['build', 'runtime'])
  })

  test('names each base image with a version that says more than "latest"', () => {
    for (const { image } of stages) expect(image).toMatch(/^node:20-bookworm-slim$/)
  })

  test('runs as a fixed user that is not root, given as a number', () => {
    expect(runtime.instructions.filter(({ keyword }) => keyword === 'USER')).toEqual([
      { keyword: 'USER', text: '10001:10001' },
    ])
  })

  test('starts node itself, so that SIGTERM reaches the gateway', () => {
    expect(textsOf(runtime, 'ENTRYPOINT').map((text) => JSON.parse(text))).toEqual([
      ['node', '/app/dist/main.js'],
    ])
    expect(textsOf(runtime, 'CMD').map((text) => JSON.parse(text))).toEqual([['serve']])
    expect(textsOf(runtime, 'STOPSIGNAL')).toEqual(['SIGTERM'])
  })

  test('checks its health with node and a file that it copies', () => {
    const [check = ''] = textsOf(runtime, 'HEALTHCHECK')
    expect(JSON.parse(check.slice(check.indexOf('['))) as unknown).toEqual([
      'node',
      '/app/deploy/probe.mjs',
      '/healthz',
    ])
    expect(check).toMatch(/--interval=\d+s --timeout=\d+s --start-period=\d+s --retries=\d+ CMD /)
    expect(textsOf(runtime, 'COPY')).toContain('deploy/probe.mjs ./deploy/')
  })

  test('keeps the model cache in a volume that the user owns', () => {
    const { COSTEER_HOME: home } = environmentOf(runtime)
    expect(textsOf(runtime, 'VOLUME')).toEqual([home])
    expect(textsOf(runtime, 'RUN').join('\n')).toContain(`install -d -o 10001 -g 10001 -m 0750 ${home}`)
  })

  test('fetches nothing by address and runs no install script', () => {
    for (const stage of stages) {
      expect(textsOf(stage, 'ADD')).toEqual([])
      expect(textsOf(stage, 'RUN').join('\n')).not.toMatch(/curl|wget|https?:/)
    }
    for (const step of textsOf(build, 'RUN').filter((text) => /npm (ci|install|prune)/.test(text))) {
      expect(step).toContain('--ignore-scripts')
    }
  })

  test('takes from the context only what .dockerignore lets in, and lets in nothing else', () => {
    const copies = stages.flatMap((stage) => textsOf(stage, 'COPY')).map(copyOf)
    const wanted = copies.filter(({ from }) => from === null).flatMap(({ sources }) => sources)
    expect([...new Set(wanted)].sort()).toEqual([...allowed].sort())
  })

  test('takes only built parts from the build stage', () => {
    const built = textsOf(runtime, 'COPY')
      .map(copyOf)
      .filter(({ from }) => from !== null)
    expect(built.flatMap(({ sources }) => sources)).toEqual([
      '/app/package.json',
      '/app/node_modules',
      '/app/dist',
    ])
  })

  test('labels the image as OCI names it, with the version of the package', () => {
    const [labels = ''] = textsOf(runtime, 'LABEL')
    for (const name of ['title', 'description', 'licenses', 'version', 'revision', 'base.name']) {
      expect(labels).toContain(`org.opencontainers.image.${name}="`)
    }
    expect(labels).toContain(`licenses="${packageJson.license}"`)
    expect(labels).toContain(`base.name="${runtime.image}"`)
    expect(textsOf(runtime, 'ARG')).toContain(`VERSION=${packageJson.version}`)
  })

  test('leaves Python out unless it is asked for', () => {
    expect(textsOf(runtime, 'ARG')).toContain('PIP_SOURCE=false')
    const [step] = textsOf(runtime, 'RUN').filter((text) => text.includes('apt-get'))
    expect(step).toMatch(/^if \[ "\$PIP_SOURCE" = true \]; then apt-get .*; fi$/)
  })
})
