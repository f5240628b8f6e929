import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { snapshot } from '../../deploy/assembled-image.ts'
import { type InstalledPackage, installPackage } from './installed-package.ts'

const examples = ['delphine-fontenot', 'hamish-baird', 'noor-lindqvist']

let installed: InstalledPackage
beforeAll(async () => {
  installed = await installPackage()
})
afterAll(() => installed?.remove())

describe('the package', () => {
  test('holds the program, the page, the configurations and the examples', () => {
    const needed = ['dist/main.js', 'dist/slm/worker/worker.js', 'dist/web/index.html', 'config/default.yaml']
    expect(installed.files).toEqual(
      expect.arrayContaining([...needed, 'config/models.yaml', 'config/schema.json', 'LICENSE', 'README.md']),
    )
  })

  test('holds no test, source, weights, map or profile of anybody', () => {
    const allowed =
      /^(dist\/.*\.(js|css|html|svg|woff2)|dist\/web\/assets\/[\w-]+-LICENSE\.txt|config\/[\w-]+\.(yaml|json)|docs\/((images|measurements)\/)?[\w-]+\.(md|svg|png)|[\w.]+)$/
    const profiles = examples.map((name) => `profiles/${name}.yaml`)
    expect(installed.files.filter((path) => path.startsWith('profiles/'))).toEqual(profiles)
    expect(installed.files.filter((path) => !allowed.test(path) && !profiles.includes(path))).toEqual([])
  })

  test('brings no dependency that is for development only', async () => {
    const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8'))
    for (const name of ['typescript', 'vitest', 'vite', 'preact', '@biomejs/biome']) {
      expect(Object.keys(devDependencies)).toContain(name)
      await expect(stat(join(installed.folder, 'node_modules', name))).rejects.toThrow('ENOENT')
    }
  })
})

describe('the installed package', () => {
  let before: readonly string[]
  let gateway: ChildProcess | null = null
  let url = ''
  const own = () => join(installed.folder, 'node_modules/costeer-gateway')
  beforeAll(async () => {
    before = await snapshot(own())
    await installed.npx('pull')
  })
  afterAll(() => void gateway?.kill('SIGKILL'))

  test('says its version and lists models', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    expect(await installed.npx('--version')).toBe(`${version}\n`)
    const { models } = JSON.parse(await installed.npx('models', '--json'))
    expect(models[0]).toMatchObject({ name: 'smollm2-135m', path: expect.any(String) })
  })

  test('finds nothing that would keep it from running', async () => {
    const { ok } = JSON.parse(await installed.npx('doctor', '--json'))
    expect(ok).toBe(true)
  })

  test('serves with the configuration inside it', async () => {
    gateway = spawn(join(installed.folder, 'node_modules/.bin/costeer'), ['serve', '--port', '0', '--json'], {
      cwd: installed.folder,
      env: installed.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    for await (const line of createInterface({ input: gateway.stdout ?? process.stdin })) {
      printed += line
      if (line === '}') break
    }
    const said = JSON.parse(printed)
    url = said.url
    expect(said.config).toBe(join(own(), 'config/default.yaml'))
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(await (await fetch(url)).text()).toContain('<html')
  })

  test("keeps profiles in the user's folder and steers with them", async () => {
    const folder = join(installed.environment.XDG_CONFIG_HOME ?? '', 'costeer/profiles')
    expect((await readdir(folder)).sort()).toEqual(examples.map((name) => `${name}.yaml`))
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-costeer-profile': 'hamish-baird' },
      body: JSON.stringify({
        model: 'costeer',
        messages: [{ role: 'user', content: 'Say hello.' }],
        max_tokens: 4,
      }),
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-costeer-steering')).toBe('on')
    expect(await response.json()).toMatchObject({ usage: { completion_tokens: expect.any(Number) } })
  })

  test('chats with it', async () => {
    const answer = await installed.npx('chat', '--url', url, '--once', 'Say hello.', '-n', '4', '--json')
    expect(JSON.parse(answer)).toMatchObject({ model: 'costeer', steering: 'off' })
  })

  test('measures it', async () => {
    const words = ['--url', url, '--profile', 'hamish-baird', '-n', '4', '--json']
    const { modes, agreement } = JSON.parse(await installed.npx('bench', 'Say hello.', ...words))
    expect(modes.lookahead.tokensPerSecond).toBeGreaterThan(0)
    expect(agreement.identicalAnswers).toBe(1)
  })

  test('ends with exit code 0 on SIGTERM and has written nothing into its folder', async () => {
    if (gateway === null) throw new Error('The gateway never ran.')
    const ended = once(gateway, 'exit')
    gateway.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(await snapshot(own())).toEqual(before)
  })
})
