import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { screenshot } from './pages/chromium.ts'
import { ask, overflow, pick, seriousIssues } from './pages/page-actions.ts'
import { playgroundPages } from './pages/playground-pages.ts'

const playground = playgroundPages('texts')
const { folder, open } = playground

/** Everything that the gateway keeps of a profile, in the profile's own file and beside it. */
function keptOf(id: string): string {
  const files = readdirSync(playground.server.profileFolder).filter((name) => name.startsWith(id))
  return files.map((name) => readFileSync(join(playground.server.profileFolder, name), 'utf8')).join('\n')
}

/** Puts a file with this text into the test's folder. */
function written(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('an answer that somebody likes', () => {
  test('is kept as their own text after they have edited it, for the question that it answers', async () => {
    const page = await open()
    await pick(page, /Noor/)
    await page.getByLabel('Your question').fill('Write to my landlady about the roof.')
    await ask(page)
    await page.getByLabel('Your question').fill('Something else')
    await page.locator('.answer-card.steered').getByRole('button', { name: 'Keep this as mine' }).click()
    const dialog = page.getByRole('dialog', { name: 'Keep this as mine' })
    const text = dialog.getByLabel('Text', { exact: true })
    expect(await text.inputValue()).toContain('dear friend')
    expect(await dialog.getByLabel('Written for').inputValue()).toBe('Write to my landlady about the roof.')
    expect(await dialog.getByLabel('A text of').locator(':checked').textContent()).toBe('Noor Lindqvist')
    await text.fill('dear Mrs Okada, the roof sings when it rains, and so do I. please do not hurry.')
    await screenshot(page, 'keep')
    await dialog.getByRole('button', { name: 'Keep' }).click()
    await page.getByText('Kept as a text of Noor Lindqvist.').waitFor()
    expect(keptOf('noor-lindqvist')).toContain('the roof sings when it rains')
    expect(keptOf('noor-lindqvist')).toContain('Write to my landlady about the roof.')
    await page.locator('.answer-card.steered').getByRole('button', { name: 'Keep this as mine' }).click()
    await text.fill('dear Mrs Okada, the roof sings when it rains, and so do I. please do not hurry.')
    await dialog.getByRole('button', { name: 'Keep' }).click()
    await page.getByText('Noor Lindqvist has this text already.').waitFor()
  })

  test('is left alone where its reader thinks better of it', async () => {
    const page = await open()
    await pick(page, /Hamish/)
    await ask(page)
    const before = keptOf('hamish-baird')
    await page.locator('.answer-card.plain').getByRole('button', { name: 'Keep this as mine' }).click()
    await page.getByLabel('Text', { exact: true }).fill('Half a thought')
    page.once('dialog', (question) => void question.accept())
    await page.keyboard.press('Escape')
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
    expect(keptOf('hamish-baird')).toBe(before)
  })
})

const LETTER =
  'Dear Ailsa, thank you for the ladder. It stood by me in the storm, and the gutter holds again.'
const POEM = 'The harbour sleeps, the kettle sings, and on the sill a gull considers all the morning brings.'

describe('texts from files', () => {
  async function openImport(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await open(options)
    await page.getByRole('button', { name: 'Profiles' }).click()
    await page.getByRole('button', { name: /Delphine/ }).click()
    await page.getByRole('button', { name: 'Bring texts in' }).click()
    await page.getByRole('dialog', { name: 'Bring texts in for Delphine Fontenot' }).waitFor()
    return page
  }

  test('are shown before they are added, each with its task, and left out where they are unticked', async () => {
    const page = await openImport()
    await screenshot(page, 'import-files')
    await page
      .getByLabel('Choose files')
      .setInputFiles([
        written('letter-to-ailsa.txt', LETTER),
        written('again.md', LETTER),
        written('poem.md', `# Morning\n\n${POEM}`),
        written('short.txt', 'Too short.'),
      ])
    const dialog = page.getByRole('dialog')
    await dialog.getByText('3 texts').first().waitFor()
    expect(await dialog.locator('.import-summary').textContent()).toContain('1 too short')
    expect(await dialog.getByRole('status').textContent()).toBe('2 texts chosen')
    const rows = dialog.locator('.candidate')
    expect(await rows.filter({ hasText: 'ladder' }).locator('[type=checkbox]:checked').count()).toBe(1)
    expect(await rows.filter({ hasText: 'it stands above' }).count()).toBe(1)
    await screenshot(page, 'import-choice')
    await rows.filter({ hasText: 'harbour' }).locator('[type=checkbox]').uncheck()
    await rows.filter({ hasText: 'ladder' }).first().getByLabel('Written for').fill('Thank Ailsa.')
    await dialog.getByRole('button', { name: 'Add 1 text' }).click()
    await page.getByText('1 text added to Delphine Fontenot.').waitFor()
    const kept = keptOf('delphine-fontenot')
    expect(kept).toContain('Thank Ailsa.')
    expect(kept).toContain('stood by me in the storm')
    expect(kept).not.toContain('harbour')
    await page.getByRole('button', { name: 'Bring texts in' }).click()
    await page.getByLabel('Choose files').setInputFiles([join(folder, 'letter-to-ailsa.txt')])
    await dialog.getByText('1 of which you have already').waitFor()
    expect(await dialog.getByRole('button', { name: 'Add nothing' }).isDisabled()).toBe(true)
  })

  test('are listed, taken out again, and brought back', async () => {
    const page = await openImport()
    const letter = 'Dear Bea, the magnolias open on Sunday, and the coffee is on from eight. Come early.'
    await page.getByLabel('Choose files').setInputFiles([written('to-bea.txt', letter)])
    await page.getByRole('button', { name: 'Add 1 text' }).click()
    await page.getByText('1 text added').waitFor()
    await page.getByText(/^All texts/).click()
    const list = page.locator('.stored-texts')
    const entry = list.locator('.entry', { hasText: 'the magnolias open on Sunday' })
    await entry.locator('summary').click()
    await screenshot(page, 'stored-texts')
    await entry.getByRole('button', { name: 'Remove this text' }).click()
    await page.getByText('The text is removed.').waitFor()
    expect(keptOf('delphine-fontenot')).not.toContain('the magnolias open on Sunday')
    await expect.poll(() => entry.count()).toBe(0)
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('The earlier version is back.').waitFor()
    expect(keptOf('delphine-fontenot')).toContain('the magnolias open on Sunday')
  })

  test('of a mailbox are those of the addresses that the reader calls their own', async () => {
    const page = await openImport()
    const mail = (from: string, text: string) =>
      `From ${from} Fri May 31 10:00:00 2024\nFrom: ${from}\nTo: x@example.org\nSubject: The garden fence\nDate: Fri, 31 May 2024 10:00:00 +0000\n\n${text}\n\n`
    const own =
      'Dear Bob, the fence is up, and the roses lean on it as if it had always been there. Come and see.'
    const box = mail('del@example.org', own) + mail('bob@example.org', POEM)
    await page.getByLabel('Choose files').setInputFiles([written('sent.mbox', box)])
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Which of these addresses are yours?').waitFor()
    await screenshot(page, 'import-senders')
    await dialog.getByLabel('del@example.org').check()
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await dialog.getByText('1 text chosen').waitFor()
    expect(await dialog.locator('.candidate-text').allTextContents()).toEqual([own])
    expect(await dialog.locator('.import-summary').textContent()).toContain('1 not written by you')
  })

  test('that nobody can read are named, and the rest is shown', async () => {
    const page = await openImport()
    await page
      .getByLabel('Choose files')
      .setInputFiles([written('photo.zip', 'no archive'), written('b.txt', POEM)])
    const dialog = page.getByRole('dialog')
    await dialog.getByText('1 text chosen').waitFor()
    expect(await dialog.getByRole('alert').textContent()).toContain('photo.zip: ')
  })

  test('become facts where they are memories', async () => {
    const page = await openImport()
    const memories = [
      {
        id: '1',
        user_id: 'u',
        content: 'Sings in a choir.',
        created_at: 1_717_149_600,
        updated_at: 1_717_149_600,
      },
    ]
    await page.getByLabel('Choose files').setInputFiles([written('memories.json', JSON.stringify(memories))])
    await page.getByRole('button', { name: 'Add 1 fact' }).click()
    await page.getByText('1 fact added to Delphine Fontenot.').waitFor()
    expect(keptOf('delphine-fontenot')).toContain('Sings in a choir.')
    expect(await page.getByLabel('Facts').inputValue()).toContain('Sings in a choir.')
  })

  test('can be dropped into the dialog', async () => {
    const page = await openImport()
    await page.evaluate(`
      const data = new DataTransfer()
      data.items.add(new File([${JSON.stringify(POEM)}], 'poem.txt', { type: 'text/plain' }))
      document.querySelector('.drop-zone').dispatchEvent(new DragEvent('drop', { dataTransfer: data }))
    `)
    await page.getByRole('dialog').getByText('1 text chosen').waitFor()
  })

  test.each(['light', 'dark'] as const)(
    'are chosen in a narrow window and in %s colours',
    async (colorScheme) => {
      const page = await openImport({ colorScheme, viewport: { width: 360, height: 740 } })
      expect(await seriousIssues(page)).toEqual([])
      await screenshot(page, `import-${colorScheme}-files`)
      const files = [written('a-letter-with-a-long-name-to-ailsa.txt', LETTER), written('poem.txt', POEM)]
      await page.getByLabel('Choose files').setInputFiles(files)
      await page.getByRole('dialog').getByText('chosen').waitFor()
      expect(await overflow(page)).toBe(0)
      expect(await seriousIssues(page)).toEqual([])
      await screenshot(page, `import-${colorScheme}-choice`)
    },
  )
})

test('a profile is made of a name and three pasted mails, whose greeting and sign-off are found', async () => {
  const page = await open()
  await page.getByRole('button', { name: 'Profiles' }).click()
  await page.getByRole('button', { name: 'New profile' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Jo Harbour')
  await screenshot(page, 'new-profile')
  await page.getByRole('button', { name: 'Paste or drop your texts' }).click()
  const dialog = page.getByRole('dialog', { name: 'Bring texts in for Jo Harbour' })
  const mails = [
    'Moin Ann,\n\nthe boat is in the shed and the varnish is dry. Bring the long brush on Sunday if you can.',
    'Moin Bert,\n\ncould you bring the ladder on Friday? Mine has lost a rung, and the gutter will not wait.',
    'Moin all,\n\nthe harbour is closed until Monday, so that the meeting moves to my kitchen. There is soup.',
  ].map((mail) => `${mail}\n\nHold fast,\nJo`)
  await dialog.getByLabel('Paste mails or letters that you wrote').fill(mails.join('\n---\n'))
  await screenshot(page, 'paste')
  await dialog.getByRole('button', { name: 'Read 3 texts' }).click()
  await dialog.getByLabel('Begins with "Moin".').waitFor()
  expect(await dialog.getByLabel('Ends with "Hold fast, Jo".').isChecked()).toBe(true)
  expect(await seriousIssues(page)).toEqual([])
  await screenshot(page, 'paste-choice')
  await dialog.getByRole('button', { name: 'Add 3 texts' }).click()
  await page.getByRole('button', { name: 'Ask as Jo Harbour' }).click()
  await page.getByRole('radio', { name: /Jo Harbour/, checked: true }).waitFor()
  await page.getByRole('heading', { name: 'As Jo Harbour' }).waitFor()
  await page.getByRole('button', { name: 'Ask as Jo Harbour' }).waitFor({ state: 'detached' })
  const kept = keptOf('jo-harbour')
  expect(kept).toContain('Ends with "Hold fast, Jo".')
  expect(kept).toContain('the gutter will not wait')
})
