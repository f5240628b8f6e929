import { expect, test } from 'vitest'
import { GatewayError } from '../../src/gateway-error.ts'
import { errorOf, testApp } from './app-under-test/test-app.ts'

const ann = { id: 'ann', name: 'Ann Ash' }
const bob = { id: 'bob', name: 'Bob Birch' }

test('GET /costeer/v1/caller tells whose profile a caller gets and which it may name', async () => {
  const { app } = testApp({ script: { choices: [], profiles: { chosen: ann, open: [ann, bob] } } })
  const response = await app.request('/costeer/v1/caller')
  expect(await response.json()).toEqual({ profile: ann, profiles: [ann, bob] })
  expect(response.headers.get('cache-control')).toBe('no-store')
})

test('asks the gateway about key, front end and named profile', async () => {
  const { app, gateway } = testApp({ script: { choices: [] }, userHeaders: ['x-user'] })
  const asked: unknown[] = []
  gateway.callerProfiles = (caller) => {
    asked.push(caller)
    return { chosen: null, open: [] }
  }
  const headers = { authorization: 'Bearer k', 'x-user': 'u', 'x-costeer-profile': 'ann' }
  await app.request('/costeer/v1/caller', { headers })
  expect(asked).toEqual([{ apiKey: 'k', frontEndUsers: ['u'], profile: 'ann' }])
})

test('passes on why a profile cannot be had', async () => {
  const { app, gateway } = testApp({ script: { choices: [] } })
  gateway.callerProfiles = () => {
    throw new GatewayError('profile_not_found', 'There is none of this name.')
  }
  const response = await app.request('/costeer/v1/caller')
  expect(response.status).toBe(404)
  expect(await errorOf(response)).toMatchObject({ code: 'profile_not_found' })
})
