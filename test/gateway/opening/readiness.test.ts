import { expect, test } from 'vitest'
import { readiness } from '../../../src/gateway/opening/readiness.ts'

const upstreams = new Map(
  Object.entries({
    near: null,
    far: 'cannot be reached',
    slow: 'does not answer in time',
  }).map(([name, obstacle]) => [name, { obstacle: async () => obstacle }]),
)

test.each([
  { of: 'a model that can answer', models: { names: { a: 'near' } }, ready: true, missing: null },
  {
    of: 'models of which none can',
    models: { names: { a: 'far', b: 'slow', c: 'far' } },
    ready: false,
    missing:
      'No model can answer: a, c (upstream far cannot be reached); b (upstream slow does not answer in time).',
  },
  {
    of: 'models of which one can',
    models: { names: { a: 'near', b: 'far' } },
    ready: true,
    missing: 'These models cannot answer: b (upstream far cannot be reached).',
  },
  {
    of: 'any name',
    models: { names: {}, catch_all: 'far' },
    ready: false,
    missing: 'No model can answer: any other name (upstream far cannot be reached).',
  },
  {
    of: 'any name beside a model that cannot answer',
    models: { names: { a: 'far' }, catch_all: 'near' },
    ready: true,
    missing: 'These models cannot answer: a (upstream far cannot be reached).',
  },
  { of: 'no model', models: { names: {} }, ready: false, missing: 'The configuration names no model.' },
])('a gateway of $of: ready is $ready', async ({ models, ready, missing }) => {
  expect(await readiness(models, upstreams)).toEqual({ ready, missing })
})
