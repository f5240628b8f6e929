import { convert } from 'html-to-text'

const MAX_CHARS = 512 * 1024

/** What mail programs put around what somebody else wrote, and around signatures. */
const notOwn = [
  'blockquote',
  '.gmail_quote',
  '.gmail_attr',
  '.gmail_signature',
  '.yahoo_quoted',
  '.protonmail_quote',
  '.protonmail_signature_block',
  '.moz-cite-prefix',
  '.moz-signature',
  '#Signature',
  '#ms-outlook-mobile-signature',
  'style',
  'script',
  'head',
  'img',
]

/** The text of HTML mail, each paragraph a line, without what is quoted in it. */
export function htmlText(html: string): string {
  return convert(html.slice(0, MAX_CHARS), {
    wordwrap: false,
    selectors: [
      ...notOwn.map((selector) => ({ selector, format: 'skip' })),
      { selector: 'a', options: { ignoreHref: true } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  })
}
