import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commentLines, filesBelow } from './code-comments.ts'
import { pages, pageText } from './documented.ts'

const ROOTS = 'src|test|docs|config|deploy|bench|scripts|profiles|web|examples'

/**
 * Paths in code spans that start with a folder of the repository, and targets of links relative to the page.
 */
function pathsOf(page: string): string[] {
  const text = pageText(page).replaceAll(/^```[\s\S]*?^```/gm, '')
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.split(/[\s,]+/))
  const named = spans.filter((word) => new RegExp(`^(${ROOTS})/[\\w./-]*$`).test(word))
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(page), target))
  const sources = [...pageText(page).matchAll(/<!-- example: (\S+) -->/g)].map(([, path = '']) => path)
  return [...new Set([...named, ...links, ...sources])]
}

const named = pages.flatMap((page) => pathsOf(page).map((path) => ({ page, path })))

describe('paths in the documentation', () => {
  test('are found', () => expect(named.length).toBeGreaterThan(40))

  test.each(named)('$page names $path', ({ path }) => {
    expect(existsSync(path), path).toBe(true)
  })
})

describe('files that comments name', () => {
  const roots = ROOTS.split('|')
  const names = new Set(roots.flatMap((folder) => filesBelow(folder, /./)).map((path) => basename(path)))
  const named = commentLines().flatMap(({ path, number, text }) =>
    [...text.matchAll(/[\w./-]*\w\.(?:ts|tsx|mjs|md)\b/g)].map(([file]) => ({
      file,
      place: `${path}:${number}`,
    })),
  )

  test('are found', () => expect(named.length).toBeGreaterThan(10))

  test.each(named)('$place names $file', ({ file }) => {
    const isPath = roots.some((root) => file.startsWith(`${root}/`))
    expect(isPath ? existsSync(file) : names.has(basename(file)), file).toBe(true)
  })
})

describe('anchors in the documentation', () => {
  const anchors = pages.flatMap((page) =>
    [...pageText(page).matchAll(/\]\(([^)\s#]*)#([\w-]+)\)/g)]
      .filter(([, target = '']) => !/^[a-z]+:/.test(target))
      .map(([, target = '', anchor = '']) => ({ page, target, anchor })),
  )
  test.each(anchors)('$page links to $target#$anchor', ({ page, target, anchor }) => {
    const text = pageText(target === '' ? page : join(dirname(page), target))
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    )
    expect(headings).toContain(anchor)
  })
})
