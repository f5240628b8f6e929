import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../setup/temporary-folder.ts'
import { testApp } from './app-under-test/test-app.ts'

function pageApp() {
  const pageFolder = temporaryFolder()
  mkdirSync(join(pageFolder, 'assets'))
  writeFileSync(join(pageFolder, 'index.html'), '<!doctype html><title>Page</title>')
  writeFileSync(join(pageFolder, 'assets/main-abc123.js'), 'export {}')
  writeFileSync(join(pageFolder, 'secret.txt'), 'not of the page')
  const keys = [{ key: 'some-key-1', admin: false }]
  return testApp({ script: { choices: [[]] }, server: { keys }, pageFolder }).app
}

test('serves the page without a key, and lets nothing but its own files run', async () => {
  const page = await pageApp().request('/')
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<title>Page</title>')
  expect(page.headers.get('content-type')).toMatch(/^text\/html/)
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'self';/)
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  expect(page.headers.get('cache-control')).toBe('no-cache')
})

test('files whose name tells their content are kept for good', async () => {
  const script = await pageApp().request('/assets/main-abc123.js')
  expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(script.headers.get('cache-control')).toContain('immutable')
})

test.each(['/assets/missing.js', '/assets/..%2Fsecret.txt', '/secret.txt', '/assets/%2e%2e/secret.txt'])(
  'does not serve %s',
  async (path) => {
    const response = await pageApp().request(path, { headers: { authorization: 'Bearer some-key-1' } })
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('not of the page')
  },
)

test('says nothing at / when the page is not built', async () => {
  const { app } = testApp({ script: { choices: [[]] }, pageFolder: join(temporaryFolder(), 'none') })
  expect((await app.request('/')).status).toBe(404)
})
