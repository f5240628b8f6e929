import type { ModelWork } from '../../../src/gateway/choosing/model-work.ts'
import { GatewayError } from '../../../src/gateway-error.ts'
import type { ModelRoutesOptions } from '../../../src/proxy/model-api/model-routes.ts'
import type { ModelChoiceObject } from '../../../src/proxy/model-api/model-wire.ts'

export interface FakeChoices {
  readonly choices: ModelRoutesOptions['choices']
  /** Sets how far the work is; at `ending` the chosen models answer. */
  set(work: Partial<ModelWork>): void
}

const configured = { large: ['Qwen2.5-1.5B'], small: 'smollm2-135m', embedded: false }

function model(name: string, title: string, gigabytes: number, isHere: boolean, fitting: readonly string[]) {
  const parameters = Math.round(gigabytes * 1e9)
  const fileBytes = Math.round(gigabytes * 0.8e9)
  const memoryBytes = Math.round(gigabytes * 1.3e9)
  const known = { licence: 'Apache-2.0', source: null, vocabulary: 'qwen' }
  return { name, title, ...known, parameters, fileBytes, memoryBytes, isHere, fitting }
}

const SMALL = 'qwen2.5-coder-0.5b'

/** One that is not in the catalogue. */
function own(name: string, source: string, gigabytes: number, vocabulary: string | null) {
  const fitting = vocabulary === null ? [name] : [SMALL, name]
  return { ...model(name, name, gigabytes, true, fitting), licence: null, source, vocabulary }
}

const models = [
  model('smollm2-135m', 'SmolLM2 135M Instruct (Q4_1)', 0.135, true, ['smollm2-135m']),
  model(SMALL, 'Qwen2.5 Coder 0.5B Instruct (Q4_K_M)', 0.494, true, [SMALL]),
  model('qwen3-0.6b', 'Qwen3 0.6B (Q8_0)', 0.596, false, [SMALL, 'qwen3-0.6b']),
  model('qwen2.5-coder-1.5b', 'Qwen2.5 Coder 1.5B Instruct (Q4_K_M)', 1.544, false, [SMALL, 'qwen3-0.6b']),
  own('my-qwen', '/home/ann/models/My Qwen.Q8_0.gguf', 0.596, null),
  own(
    'qwen2.5-0.5b-instruct-gguf',
    'hub someone/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-q8_0.gguf',
    0.494,
    'qwen',
  ),
  model('qwen3-4b', 'Qwen3 4B (Q4_K_M)', 4.02, false, [SMALL, 'qwen3-0.6b']),
]

/** A choice of models whose work goes on when the test says so. */
export function fakeChoices(): FakeChoices {
  let work: ModelWork | null = null
  let choice: ModelChoiceObject = { large: null, small: null }
  const set = (changes: Partial<ModelWork>) => {
    if (work === null) throw new Error('nothing was asked for')
    work = { ...work, ...changes }
    if (work.state === 'ending' && work.choice !== null) choice = work.choice
  }
  return {
    set,
    choices: {
      listing: async () => ({
        availableBytes: 4e9,
        now: {
          choice,
          large: choice.large === null ? configured.large : [choice.large],
          small: choice.small ?? configured.small,
          embedded: choice.large !== null,
        },
        configured: {
          ...configured,
          fitting: [SMALL, 'qwen3-0.6b', 'qwen2.5-0.5b-instruct-gguf', 'my-qwen'],
        },
        models,
        pairs: [{ name: 'qwen2.5-coder', large: 'qwen2.5-coder-1.5b', small: SMALL }],
        work,
      }),
      fetch: async () => {
        throw new GatewayError('overloaded', 'Not in this test.')
      },
      async serve(asked) {
        work = {
          choice: asked,
          state: 'waiting',
          model: asked.large,
          receivedBytes: null,
          totalBytes: null,
          message: null,
        }
      },
      stop: () => set({ state: 'stopped' }),
    },
  }
}
