import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { type FakeChoices, fakeChoices } from '../../gateway/choosing/fake-choices.ts'
import { screenshot } from './pages/chromium.ts'
import { overflow, seriousIssues } from './pages/page-actions.ts'
import { openPlayground } from './pages/playground.ts'
import { playgroundPages } from './pages/playground-pages.ts'

const playground = playgroundPages('models')
let folders = 0

/** The page of models, over a choice whose work goes on as the test says. */
async function openModels(options: BrowserContextOptions = {}): Promise<{ page: Page; models: FakeChoices }> {
  const models = fakeChoices()
  const own = await openPlayground({
    profileFolder: join(playground.folder, `own-${folders++}`),
    choices: models.choices,
  })
  onTestFinished(() => own.close())
  const page = await playground.open(options, own.url)
  await page.getByRole('button', { name: 'Models' }).click()
  await page.getByRole('group', { name: 'Large model' }).waitFor()
  return { page, models }
}

/** Presses the button, and waits until the gateway has been asked. */
async function switchBy(page: Page, button: string): Promise<void> {
  await page.getByRole('button', { name: button }).click()
  await page.getByText(/Waiting for/).waitFor()
}

const PAIR = /Qwen2\.5 Coder 1\.5B/

test('a pair is picked by what it takes, fetched with progress, and answers from then on', async () => {
  const { page, models } = await openModels()
  await page.getByText('These answer now.').waitFor()
  await page.getByRole('group', { name: 'Large model' }).getByRole('radio', { name: PAIR }).check()
  const suggested = page.getByRole('group', { name: 'Small model' }).getByRole('radio', { checked: true })
  expect(await suggested.getAttribute('value')).toBe('qwen2.5-coder-0.5b')
  await page.getByText('Takes about 2.6 GB of memory; 4.0 GB are left.').waitFor()
  await screenshot(page, 'models-chosen')
  await switchBy(page, 'Download 1.2 GB and switch')
  models.set({ state: 'fetching', receivedBytes: 412_000_000, totalBytes: 1_235_000_000 })
  await page.getByText(/Downloading Qwen2\.5 Coder 1\.5B.*: 412 MB of 1\.2 GB/).waitFor()
  expect(await page.getByRole('progressbar').getAttribute('value')).toBe(String(412 / 1235))
  expect(await page.getByRole('button', { name: 'Download 1.2 GB and switch' }).isDisabled()).toBe(true)
  await screenshot(page, 'models-fetching')
  models.set({ state: 'opening', model: null, receivedBytes: null, totalBytes: null })
  await page.getByText('Loading them beside the models that answer now').waitFor()
  models.set({ state: 'ending' })
  await page.getByText('The new models answer.').waitFor()
  models.set({ state: 'done' })
  await page.getByText('qwen2.5-coder-1.5b answers, steered by qwen2.5-coder-0.5b.').waitFor()
  await page.getByText('npm start -- --pair qwen2.5-coder').waitFor()
  await screenshot(page, 'models-done')
})

test('what fails is told with its reason, and can be tried again', async () => {
  const { page, models } = await openModels()
  await page
    .getByRole('group', { name: 'Small model' })
    .getByRole('radio', { name: /Coder 0\.5B/ })
    .check()
  await switchBy(page, 'Switch to these')
  models.set({ state: 'failed', message: 'The disk is full.' })
  const alert = page.getByRole('alert')
  await alert.getByText('those before go on answering').waitFor()
  await alert.getByText('The disk is full.').waitFor()
  await screenshot(page, 'models-failed')
  await alert.getByRole('button', { name: 'Try again' }).click()
  await page.getByText(/Waiting for/).waitFor()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped. What was downloaded is kept.').waitFor()
})

test("a person's own models stand among the others, and answer as these do", async () => {
  const { page, models } = await openModels()
  const large = page.getByRole('group', { name: 'Large model' })
  const small = page.getByRole('group', { name: 'Small model' })
  const own = small.getByRole('radio', { name: /my-qwen/ })
  await small.getByText(/imported from My Qwen\.Q8_0\.gguf · whether its tokens are/).waitFor()
  await own.check()
  await screenshot(page, 'models-own')
  await switchBy(page, 'Switch to these')
  models.set({ state: 'ending' })
  models.set({ state: 'done' })
  await page.getByText('steered by my-qwen.').waitFor()
  await page.getByText('local: { model: my-qwen }').waitFor()
  await large.getByRole('radio', { name: /qwen2\.5-0\.5b-instruct-gguf/ }).check()
  await large.getByText(/from the hub, someone\/Qwen2\.5/).waitFor()
  expect(await small.getByRole('radio', { checked: true }).getAttribute('value')).toBe('qwen2.5-coder-0.5b')
  expect(await small.getByRole('radio', { name: /my-qwen/ }).count()).toBe(0)
})

test('models that do not fit the memory that is left cannot be chosen', async () => {
  const { page } = await openModels()
  await page.getByText('more of the catalogue').click()
  await page.getByRole('radio', { name: /Qwen3 4B/ }).check()
  await page.getByText('too much beside the models that answer now').waitFor()
  expect(await page.getByRole('button', { name: /Download .* and switch/ }).isDisabled()).toBe(true)
})

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
] as const)(
  'the page of models can be read by everyone in %s colours at %i pixels',
  async (colorScheme, width) => {
    const { page, models } = await openModels({ colorScheme, viewport: { width, height: 800 } })
    await page.getByRole('group', { name: 'Large model' }).getByRole('radio', { name: PAIR }).check()
    await switchBy(page, 'Download 1.2 GB and switch')
    models.set({ state: 'fetching', receivedBytes: 412_000_000, totalBytes: 1_235_000_000 })
    await page.getByText(/412 MB/).waitFor()
    expect(await seriousIssues(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    await screenshot(page, `models-${colorScheme}-${width}`)
  },
)
