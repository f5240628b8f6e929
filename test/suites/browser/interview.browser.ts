import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { loadProfile } from '../../../src/profiles/files/load-profile.ts'
import { screenshot } from './pages/chromium.ts'
import { overflow, seriousIssues } from './pages/page-actions.ts'
import { playgroundPages } from './pages/playground-pages.ts'

const playground = playgroundPages('interview')
const { open } = playground

function fileOf(id: string): string {
  return join(playground.server.profileFolder, `${id}.yaml`)
}

async function openInterview(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Profiles' }).click()
  await page.getByRole('button', { name: 'New profile' }).click()
  await page.getByRole('button', { name: 'Answer six questions' }).click()
}

const REPLY = 'Moin Ann, the varnish is still wet. Put the soup on low. Half past eight.'

async function answerAll(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill('Jo Harbour')
  await page.getByLabel('Greeting').fill('Moin')
  await page.getByLabel('Sign-off').fill('Hold fast, Jo')
  await page.getByRole('radio', { name: 'short' }).check()
  await page.getByRole('radio', { name: 'relaxed' }).check()
  await page.getByLabel('Words that you like to use').fill('no bother, fair winds')
  await page.getByLabel('What you do').fill('repair boats at Tern Yard')
  await page.getByLabel('Where you live').fill('Ostend, by the lighthouse')
  await page.getByLabel('Who matters to you').fill('my sister Ann')
  await page.getByLabel('Ostend', { exact: true }).check()
  await page.getByLabel('As you would write it').fill(REPLY)
}

describe('a short interview', () => {
  test('becomes a profile in the form, which is saved like every other and asked beside it', async () => {
    const page = await open()
    await openInterview(page)
    await answerAll(page)
    expect(await seriousIssues(page)).toEqual([])
    await screenshot(page, 'interview')
    await page.getByRole('button', { name: 'Put it into the profile' }).click()
    await page.getByText('Your answers are in the form.').waitFor()
    expect(await page.getByLabel('Facts').inputValue()).toContain('Work: repair boats at Tern Yard.')
    expect(await page.getByLabel('Private values').inputValue()).toBe('place: Ostend')
    await screenshot(page, 'interview-form')
    await page.getByRole('button', { name: 'Save and ask both' }).click()
    const beside = page.getByRole('region', { name: 'Before and after' })
    await expect.poll(() => beside.textContent()).toContain('Hello there,\nJo Harbour')
    await beside.getByRole('button', { name: 'Ask both' }).waitFor()
    expect(await beside.textContent()).toContain('Subject: Dinner on Friday')
    expect(await beside.locator('.moved').count()).toBe(1)
    expect(await seriousIssues(page)).toEqual([])
    await screenshot(page, 'before-after')
    const loaded = await loadProfile(fileOf('jo-harbour'))
    if (loaded.type !== 'loaded') throw new Error('The profile was not written as one.')
    const { profile } = loaded
    expect(profile.writing_style).toContain('Ends with "Hold fast, Jo".')
    expect(profile.private).toEqual([{ kind: 'place', value: 'Ostend', forms: [] }])
    expect(profile.history).toMatchObject([{ task: 'Tell a friend that I come later.', text: REPLY }])
    await page.getByLabel('Facts').fill('Keeps bees.')
    await beside.getByText('These answers are from before your last change.').waitFor()
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByRole('radio', { name: /Jo Harbour/, checked: true }).waitFor()
  })

  test('wants a name, and asks before answers are lost', async () => {
    const page = await open()
    await openInterview(page)
    await page.keyboard.press('Escape')
    await page.getByRole('region', { name: 'Before and after' }).getByRole('button').click()
    await page.getByText('Give the profile a name first.').waitFor()
    await page.getByRole('button', { name: 'Answer six questions' }).click()
    await page.getByLabel('Where you live').fill('Ostend')
    await page.getByRole('button', { name: 'Put it into the profile' }).click()
    await page.getByLabel('Your name').and(page.locator(':invalid')).waitFor()
    const questions: string[] = []
    page.on('dialog', (question) => {
      questions.push(question.message())
      void (questions.length === 1 ? question.dismiss() : question.accept())
    })
    await page.keyboard.press('Escape')
    expect(await page.getByLabel('Where you live').inputValue()).toBe('Ostend')
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click()
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect(questions).toEqual(Array(2).fill('Close the questions and discard your answers?'))
  })

  test('is held in German, with the task in German', async () => {
    const page = await open({ locale: 'de-DE' })
    await page.getByRole('button', { name: 'Profile', exact: true }).click()
    await page.getByRole('button', { name: 'Neues Profil' }).click()
    await page.getByRole('button', { name: 'Sechs Fragen beantworten' }).click()
    await page.getByLabel('Dein Name').fill('Jo Hafen')
    await page.getByLabel('So, wie du es schreiben würdest').fill('Moin, ich komm erst um neun.')
    await screenshot(page, 'interview-german')
    await page.getByRole('button', { name: 'Ins Profil übernehmen' }).click()
    await page.getByRole('button', { name: 'Sichern', exact: true }).click()
    await page.getByText('Gesichert.').waitFor()
    const file = readFileSync(fileOf('jo-hafen'), 'utf8')
    expect(file).toContain('Sag einer Freundin, dass ich später komme.')
    expect(await seriousIssues(page)).toEqual([])
  })

  test.each(['light', 'dark'] as const)('fits a narrow window in %s colours', async (colorScheme) => {
    const page = await open({ colorScheme, viewport: { width: 360, height: 740 } })
    await openInterview(page)
    await screenshot(page, `interview-${colorScheme}-empty`)
    await answerAll(page)
    expect(await overflow(page)).toBe(0)
    expect(await seriousIssues(page)).toEqual([])
    await screenshot(page, `interview-${colorScheme}-end`)
    await page.getByRole('button', { name: 'Put it into the profile' }).click()
    expect(await overflow(page)).toBe(0)
    await screenshot(page, `interview-${colorScheme}-form`)
  })
})
