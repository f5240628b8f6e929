import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { screenshot } from './pages/chromium.ts'
import { answerOf, overflow, seriousIssues } from './pages/page-actions.ts'
import { openPlayground } from './pages/playground.ts'
import { playgroundPages } from './pages/playground-pages.ts'

const playground = playgroundPages('language')
const { open } = playground

test('the page speaks the first of the browser’s languages that it knows, and another one when asked', async () => {
  const page = await open({ locale: 'de-AT' })
  await page.getByRole('heading', { name: 'Eine Frage, beantwortet ohne und mit Profil' }).waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('de')
  await page.getByLabel('Sprache').selectOption('en')
  await page.getByRole('heading', { name: 'One question, answered without and with a profile' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Ask both' }).waitFor()
  expect(await page.title()).toBe('CoSteer playground')
})

test('a language that it does not speak gets English', async () => {
  const page = await open({ locale: 'fr-FR' })
  await page.getByRole('button', { name: 'Ask both' }).waitFor()
})

test.each([1280, 360])('everything can be read in German at %i pixels', async (width) => {
  const page = await open({ locale: 'de-DE', viewport: { width, height: 800 } })
  await page.getByRole('button', { name: 'Fragen', exact: true }).click()
  await page.getByRole('button', { name: 'Anhalten' }).waitFor()
  await page.getByRole('button', { name: 'Fragen', exact: true }).waitFor()
  await page.getByText(/^Erstes Wort nach \d,\d s/).waitFor()
  for (const view of ['Vergleich', 'Profile', 'Anfragen']) {
    await page.getByRole('button', { name: view, exact: true }).click()
    expect([view, await seriousIssues(page)]).toEqual([view, []])
    expect([view, await overflow(page)]).toEqual([view, 0])
    await screenshot(page, `german-${view.toLowerCase()}-${width}`)
  }
})

test('a new profile in German stays inside its card at 360 pixels', async () => {
  const page = await open({ locale: 'de-DE', viewport: { width: 360, height: 800 } })
  await page.getByRole('button', { name: 'Profile', exact: true }).click()
  await page.getByRole('button', { name: 'Neues Profil' }).click()
  await page.getByLabel('Name', { exact: true }).waitFor()
  const outside = await page.evaluate<string[]>(`(() => {
    const card = document.querySelector('.editor').getBoundingClientRect()
    return [...document.querySelectorAll('.editor *:not(.visually-hidden)')]
      .filter((part) => part.getBoundingClientRect().right > card.right - 8)
      .map((part) => part.outerHTML.slice(0, 80))
  })()`)
  await screenshot(page, 'german-new-profile-360')
  expect(outside).toEqual([])
})

test('numbers are written, and read, with the comma of German', async () => {
  const page = await open({ locale: 'de-DE' })
  await page.getByText('Weitere Einstellungen').click()
  const topP = page.getByLabel('Top p')
  expect(await topP.inputValue()).toBe('0,9')
  await topP.fill('0,75')
  await topP.blur()
  expect(await topP.inputValue()).toBe('0,75')
  await expect.poll(() => page.url()).toContain('0.75')
  await topP.fill('viel')
  await topP.blur()
  expect(await topP.inputValue()).toBe('0,75')
})

test('while the small model reads the profile, the page says how far it is', async () => {
  const own = await openPlayground({ profileFolder: join(playground.folder, 'slow'), tokenMs: 40 })
  onTestFinished(() => own.close())
  const page = await open({}, own.url)
  await page.getByLabel('Your question').fill('Answer slowly')
  await page.getByRole('button', { name: 'Ask both' }).click()
  await page.getByText('The small model reads the profile, 60 %').waitFor()
  expect(await page.getByRole('progressbar').getAttribute('value')).toBe('0.6')
  await screenshot(page, 'reading')
  await page.getByRole('button', { name: 'Stop' }).click()
})

test('a profile that says nothing is told so, where it is chosen and where it is written', async () => {
  const page = await open()
  await page.getByRole('button', { name: 'Profiles' }).click()
  await page.getByRole('button', { name: 'New profile' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Nobody Yet')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('This profile says nothing but a name').waitFor()
  await screenshot(page, 'empty-profile')
  await page.getByLabel('Facts').fill('Keeps bees.')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved.').waitFor()
  await expect.poll(() => page.getByText('This profile says nothing but a name').count()).toBe(0)
})

test('the page brings its own typeface', async () => {
  const page = await open()
  await answerOf(page, 'plain').first().waitFor({ state: 'attached' })
  const isLoaded = await page.evaluate<boolean>(
    'document.fonts.ready.then(() => document.fonts.check(\'16px "Source Serif 4"\'))',
  )
  expect(isLoaded).toBe(true)
  const licence = await fetch(`${playground.server.url}/assets/source-serif-4-LICENSE.txt`)
  expect(await licence.text()).toContain('SIL OPEN FONT LICENSE')
})
