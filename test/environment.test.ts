import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { environmentSchema, environmentVariable, readEnvironment } from '../src/environment.ts'

describe('readEnvironment', () => {
  test('puts models below the user cache folder and sets nothing else', () => {
    expect(readEnvironment({ XDG_CACHE_HOME: '/cache', XDG_CONFIG_HOME: '/config' })).toEqual({
      costeerHome: '/cache/costeer',
      configHome: '/config/costeer',
      hubOffline: false,
      hubCache: '/cache/huggingface/hub',
      ollamaModels: [join(homedir(), '.ollama', 'models'), '/usr/share/ollama/.ollama/models'],
      color: true,
    })
  })

  test('reads every variable', () => {
    const variables = {
      COSTEER_HOME: '/models',
      COSTEER_CONFIG: 'c.yaml',
      COSTEER_PORT: '9000',
      HF_ENDPOINT: 'https://mirror.example/',
      HF_TOKEN: ' t ',
      HF_HUB_OFFLINE: '1',
      HF_HOME: '/hf',
      OLLAMA_MODELS: '/ollama',
      XDG_CONFIG_HOME: '/config',
      NO_COLOR: '1',
    }
    expect(readEnvironment(variables)).toEqual({
      costeerHome: '/models',
      configHome: '/config/costeer',
      configFile: 'c.yaml',
      port: 9000,
      hubUrl: 'https://mirror.example',
      hubToken: 't',
      hubOffline: true,
      hubCache: '/hf/hub',
      ollamaModels: ['/ollama'],
      color: false,
    })
  })

  test('treats empty variables as unset, each of them', () => {
    const unset = readEnvironment({})
    for (const blank of ['', ' ', '\n'])
      for (const name of Object.keys(environmentSchema.shape))
        expect(readEnvironment({ [name]: blank }), name).toEqual(unset)
  })

  test('leaves out what is empty and takes what is not', () => {
    const { hubToken, color, hubCache } = readEnvironment({ HF_TOKEN: '', NO_COLOR: '', HF_HUB_OFFLINE: '0' })
    expect({ hubToken, color }).toEqual({ hubToken: undefined, color: true })
    expect(hubCache).toBe(join(homedir(), '.cache', 'huggingface', 'hub'))
  })

  test.each(['http', '-1', '70000', '8 0'])('refuses the port %j', (port) => {
    expect(() => readEnvironment({ COSTEER_PORT: port })).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining('COSTEER_PORT') }),
    )
  })
})

describe('environmentVariable', () => {
  test('gives the trimmed value, or undefined when there is none', () => {
    expect(environmentVariable('KEY', { KEY: ' secret\n' })).toBe('secret')
    expect(environmentVariable('KEY', { KEY: ' ' })).toBeUndefined()
    expect(environmentVariable('OTHER', {})).toBeUndefined()
  })
})
