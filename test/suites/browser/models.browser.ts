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

const PAIR = /Qwen2\.5 Coder 1\.5B/

test('a pair is picked by what it takes, fetched with progress, and answers from then on', async () => {
  const { page, models } = await openModels()
  await page.getByText('These answer now.').waitFor()
  await page.getByRole('group', { name: 'Large model' }).getByRole('radio', { name: PAIR }).check()
  const suggested = page.getByRole('group', { name: 'Small model' }).getByRole('radio', { checked: true })
  expect(await suggested.getAttribute('value')).toBe('qwen2.5-coder-0.5b')
  await page.getByText('Takes about 2.6 GB of memory; 4.0 GB are left.').waitFor()
  await screenshot(page, 'models-chosen')
  await page.getByRole('button', { name: 'Download 1.2 GB and switch' }).click()
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
  await page.getByRole('button', { name: 'Switch to these' }).click()
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
    await page.getByRole('button', { name: 'Download 1.2 GB and switch' }).click()
    models.set({ state: 'fetching', receivedBytes: 412_000_000, totalBytes: 1_235_000_000 })
    await page.getByText(/412 MB/).waitFor()
    expect(await seriousIssues(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    await screenshot(page, `models-${colorScheme}-${width}`)
  },
)
