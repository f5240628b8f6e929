import { execFileSync } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { shippedConfig } from '../../src/cli/installation/shipped-files.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { type UpstreamKind, upstreamKinds } from '../../src/upstream/kinds.ts'

async function load(text: string) {
  const file = join(await mkdtemp(join(tmpdir(), 'costeer-config-')), 'config.yaml')
  await writeFile(file, text)
  return loadConfig(file)
}

const MINIMAL = 'upstreams:\n  big: { kind: embedded }\n'

describe('the configuration file', () => {
  test.each(Object.keys(upstreamKinds) as UpstreamKind[])(
    'that comes with the program for %s is valid, and has no other upstream',
    async (kind) => {
      const { config } = await loadConfig(shippedConfig(kind))
      expect(Object.values(config.upstreams)).toMatchObject([{ kind }])
      expect(config.models.names.costeer).toBe(Object.keys(config.upstreams)[0])
      expect(config.server).toMatchObject({ host: '127.0.0.1', port: 8787 })
    },
  )

  test('an unknown key is named with its line', async () => {
    await expect(load(`${MINIMAL}server:\n  hots: 1.2.3.4\n`)).rejects.toThrow(
      /config\.yaml:\d+ server: .*"hots"/,
    )
  })

  test.each([
    ['modls: {}\n', /config\.yaml:3 \(top level\): there is no key "modls" here\. Did you mean "models"\?/],
    ['server:\n  hots: 1.2.3.4\n', /Did you mean "host"\?/],
    ['steering: { expert: { lamda: 1 } }\n', /steering\.expert: .*Did you mean "lambda"\?/],
    ['server: { keys: [{ keyfile: k }] }\n', /server\.keys\.0: .*Did you mean "key_file"\?/],
    ['local: { kind: llama-cpp, url: "http://localhost", modle: x }\n', /Did you mean "model"\?/],
  ])('a misspelt key gets the one that was meant: %s', async (text, message) => {
    await expect(load(MINIMAL + text)).rejects.toThrow(message)
  })

  test('each of several misspelt keys has its own line, and one that is near to none gets no guess', async () => {
    const problems = load(`${MINIMAL}server:\n  prt: 1\n  colour: red\n`)
    await expect(problems).rejects.toThrow(/:4 server: there is no key "prt" here\. Did you mean "port"\?\n/)
    await expect(problems).rejects.toThrow(/:5 server: there is no key "colour" here\.$/)
  })

  test('no key of another kind of upstream is suggested', async () => {
    const far = (kind: string) => `upstreams:\n  far: { kind: ${kind}, url: "http://far", keep_alove: 1h }\n`
    await expect(load(far('ollama'))).rejects.toThrow(/Did you mean "keep_alive"\?/)
    await expect(load(far('vllm'))).rejects.toThrow(/there is no key "keep_alove" here\.$/)
  })

  test('a value of the wrong kind is named with its key', async () => {
    await expect(load(`${MINIMAL}server:\n  port: many\n`)).rejects.toThrow(/config\.yaml:\d+ server\.port: /)
  })

  test('broken YAML is named with its line', async () => {
    await expect(load('upstreams:\n  a: {\n')).rejects.toThrow(/config\.yaml:\d+ is not valid YAML/)
  })

  test('a model name must mean an upstream that exists', async () => {
    await expect(load(`${MINIMAL}models:\n  names: { gpt: small }\n`)).rejects.toThrow(
      /models\.names\.gpt: there is no upstream named "small"/,
    )
  })

  test('only one way of setting the strength may be used', async () => {
    await expect(load(`${MINIMAL}steering:\n  strength: 1\n  preset: paper\n`)).rejects.toThrow(/only one of/)
  })

  test("an upstream's key comes from one place, and its file lies beside the configuration", async () => {
    const remote = (keys: string) => `upstreams:\n  far: { kind: sglang, url: "http://far", ${keys} }\n`
    await expect(load(remote('api_key_env: KEY, api_key_file: key'))).rejects.toThrow(
      /only one of `api_key_env`/,
    )
    const { config, file } = await load(remote('api_key_file: secrets/key'))
    expect(config.upstreams.far).toMatchObject({ api_key_file: join(dirname(file), 'secrets/key') })
  })

  test("an upstream that is to be aligned names its own tokenizer, and a tokenizer's file lies beside the configuration", async () => {
    const remote = (keys: string) => `upstreams:\n  far: { kind: vllm, url: "http://far", ${keys} }\n`
    await expect(load(remote('alignment: map'))).rejects.toThrow(
      /far\.tokenizer: is needed with `alignment: map`/,
    )
    for (const path of ['models/large.gguf', 'large.gguf', './large']) {
      const { config, file } = await load(remote(`alignment: bytes, tokenizer: ${path}`))
      expect(config.upstreams.far).toMatchObject({ tokenizer: join(dirname(file), path) })
    }
    const exact = await load(remote('tokenizer: some-model'))
    expect(exact.config.upstreams.far).toMatchObject({ alignment: 'exact', tokenizer: 'some-model' })
    const { config } = await load(remote('alignment: bytes, tokenizer: qwen2.5-coder-0.5b'))
    expect(config.upstreams.far).toMatchObject({ alignment: 'bytes', tokenizer: 'qwen2.5-coder-0.5b' })
  })

  test.each(['http://10.0.0.7:8080', 'http://gpu.example:8080', 'http://127.0.0.1.example'])(
    'the profile goes to %s only where that is trusted by name',
    async (url) => {
      const local = (more: string) => `${MINIMAL}local: { kind: llama-cpp, url: "${url}"${more} }\n`
      await expect(load(local(''))).rejects.toThrow(
        /local\.url: the profile goes to this address, which is not on this machine: .*local\.trusted: true/,
      )
      const { config } = await load(local(', trusted: true'))
      expect(config.local).toMatchObject({ url, trusted: true })
    },
  )

  test.each(['http://127.0.0.1:8080', 'http://localhost:8080/v1', 'http://[::1]:8080'])(
    'a local model may be served at %s',
    async (url) => {
      const { config } = await load(`${MINIMAL}local: { kind: llama-cpp, url: "${url}" }\n`)
      expect(config.local).toMatchObject({ kind: 'llama-cpp', url, candidates: 1000, trusted: false })
    },
  )

  test("a local server's key comes from one place, and its files lie beside the configuration", async () => {
    const local = (keys: string) => `${MINIMAL}local: { kind: llama-cpp, url: "http://localhost", ${keys} }\n`
    await expect(load(local('api_key_env: KEY, api_key_file: key'))).rejects.toThrow(
      /only one of `api_key_env`/,
    )
    const { config, file } = await load(local('api_key_file: key, tokenizer: models/tokens.gguf'))
    expect(config.local).toMatchObject({
      api_key_file: join(dirname(file), 'key'),
      tokenizer: join(dirname(file), 'models/tokens.gguf'),
    })
    await expect(load(local('model: any, threads: 2'))).rejects.toThrow(/"threads"/)
  })

  test('a model of this process may be a path, which is relative to the configuration', async () => {
    const upstream = 'upstreams: { own: { kind: embedded, model: /models/large.gguf } }\n'
    const { config, file } = await load(`${upstream}local: { model: models/Qwen3-0.6B }\n`)
    expect(config.local).toMatchObject({ model: join(dirname(file), 'models/Qwen3-0.6B') })
    expect(config.upstreams.own).toMatchObject({ model: '/models/large.gguf' })
  })

  test('without a kind, the local model is one of this process', async () => {
    const { config } = await load(MINIMAL)
    expect(config.local).toMatchObject({ kind: 'embedded', model: 'smollm2-135m' })
  })

  test('an unreadable file is named', async () => {
    await expect(loadConfig('config/none.yaml')).rejects.toThrow(/none\.yaml cannot be read/)
  })

  test.each([
    [
      `${MINIMAL}server:\n  allowed_hosts:\n    - *.example.com\n`,
      /config\.yaml:5 is not valid YAML: a value begins with "\*"/,
    ],
    [
      `${MINIMAL}a: &a [x]\nb: &b [*a${', *a'.repeat(200)}]\n`,
      /config\.yaml:4 is not valid YAML: .*too many aliases/,
    ],
    [`${MINIMAL}server: &s\n  keys: *s\n`, /config\.yaml:4 is not valid YAML: .*inside of what it repeats/],
    [`${MINIMAL}server: {port: 1}\nserver: {port: 2}\n`, /config\.yaml:4 is not valid YAML: the same key/],
    [`${MINIMAL}server: !!js/function "x"\n`, /config\.yaml:3 is not valid YAML: a value begins with "!"/],
    [`${MINIMAL}server:\n\tport: 1\n`, /config\.yaml:4 is not valid YAML: a tab/],
    [`${MINIMAL}---\n${MINIMAL}`, /config\.yaml:3 is not valid YAML: the file holds more than one document/],
    [`${MINIMAL}server: {<<: {port: 1}}\n`, /config\.yaml:3 server: .*"<<"/],
    [`${MINIMAL}server: {host: !!binary aGk=}\n`, /config\.yaml:3 server\.host: /],
    [
      `${MINIMAL}server: ${'['.repeat(5_000)}\n`,
      /^[^\n]*config\.yaml:3 is not valid YAML: [^\n]*nested too deeply\.$/,
    ],
  ])('what YAML allows and a configuration cannot mean is named in a sentence: %#', async (text, message) => {
    await expect(load(text)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(message),
    })
  })

  test('a byte order mark, CRLF line ends and aliases are read', async () => {
    const text = `\uFEFF${MINIMAL}server: {host: &here 127.0.0.1, allowed_hosts: [*here]}\n`
    const { config } = await load(text.replaceAll('\n', '\r\n'))
    expect(config.server).toMatchObject({ host: '127.0.0.1', allowed_hosts: ['127.0.0.1'] })
  })

  test.each(['null', "'*'", 'https://*.example.com', 'localhost:3000', 'http://a.example/page', "''"])(
    'origins are whole ones, and not %s',
    async (origin) => {
      await expect(load(`${MINIMAL}server: {allowed_origins: [${origin}]}\n`)).rejects.toThrow(
        /an origin|string/,
      )
    },
  )

  test('what is no text, or no regular file, is not read', async () => {
    await expect(load('')).rejects.toThrow(/upstreams/)
    const file = join(await mkdtemp(join(tmpdir(), 'costeer-config-')), 'config.yaml')
    await writeFile(file, Buffer.from('upstreams: \xe9', 'latin1'))
    await expect(loadConfig(file)).rejects.toThrow(/config\.yaml is not UTF-8 text/)
    await expect(loadConfig('config')).rejects.toThrow(/config cannot be read \(it is a folder\)/)
    await expect(loadConfig('/dev/zero')).rejects.toThrow(/zero cannot be read \(it is no regular file\)/)
    const pipe = `${file}.pipe`
    execFileSync('mkfifo', [pipe])
    await expect(loadConfig(pipe)).rejects.toThrow(/pipe cannot be read \(it is no regular file\)/)
  })
})
