import { convert } from 'html-to-text'

/** What is read at once, without the head, where programs keep their styles: it takes some 0.1 s at worst. */
const MAX_CHARS = 128 * 1024
/** A letter's own parts lie less deep. */
const MAX_DEPTH = 100
const HEAD = /<head[\s>][\s\S]*?<\/head>/i

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

/** The text of HTML mail, each paragraph a line, without what is quoted in it, and without what lies deep. */
export function htmlText(html: string): string {
  return convert(html.replace(HEAD, '').slice(0, MAX_CHARS), {
    wordwrap: false,
    limits: { maxDepth: MAX_DEPTH },
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
