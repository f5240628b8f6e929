import { describe, expect, test } from 'vitest'
import { mailMessage } from '../../../src/profiles/importing/mail-message.ts'
import { LADDER, mailOf } from './import-samples.ts'

async function read(mail: string | Uint8Array) {
  return mailMessage(Buffer.from(mail as string), { from: new Set(['ann@example.org']), place: 'message 1' })
}
async function textOf(mail: string | Uint8Array) {
  const found = (await read(mail)).find(({ type }) => type === 'text')
  return found?.type === 'text' ? found.found.text : null
}

describe('mailMessage', () => {
  test('reads HTML as text, without what is quoted and signed', async () => {
    const html = `<html><head><style>p {}</style></head><body><p>Dear Ailsa,</p><p>the <b>ladder</b> is <a href="https://example.org">back</a>.</p>
      <div class="gmail_signature">Ann Lee, Head of Ladders</div>
      <div class="gmail_quote"><div class="gmail_attr">On Friday Ailsa wrote:</div><blockquote>Where is it?</blockquote></div></body></html>`
    const mail = mailOf({ 'Content-Type': 'text/html; charset=utf-8' }, html)
    expect(await textOf(mail)).toBe('Dear Ailsa,\n\nthe ladder is back.')
  })

  test('prefers the plain text of both', async () => {
    const body = `--b\r\nContent-Type: text/plain\r\n\r\n${LADDER}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Other</p>\r\n--b--\r\n`
    expect(await textOf(mailOf({ 'Content-Type': 'multipart/alternative; boundary=b' }, body))).toBe(LADDER)
  })

  test.each([
    ['quoted-printable', 'iso-8859-1', 'Gr=FC=DFe aus K=F6ln'],
    ['base64', 'utf-8', Buffer.from('Grüße aus Köln').toString('base64')],
    ['8bit', 'windows-1252', Buffer.from('Gr\xfc\xdfe aus K\xf6ln', 'latin1')],
  ])('reads %s in %s', async (encoding, charset, body) => {
    const headers = mailOf(
      { 'Content-Type': `text/plain; charset=${charset}`, 'Content-Transfer-Encoding': encoding },
      '',
    )
    expect(await textOf(Buffer.concat([Buffer.from(headers), Buffer.from(body as string)]))).toBe(
      'Grüße aus Köln',
    )
  })

  test('leaves out messages within the message', async () => {
    const body = `--b\r\nContent-Type: text/plain\r\n\r\n${LADDER}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: bob@example.net\r\n\r\nHidden\r\n--b--\r\n`
    expect(await textOf(mailOf({ 'Content-Type': 'multipart/mixed; boundary=b' }, body))).toBe(LADDER)
  })

  test.each([
    ['of others', { From: 'Bob <bob@example.net>' }, 'not-yours'],
    ['of a program', { 'Auto-Submitted': 'auto-replied' }, 'not-yours'],
  ])('leaves out messages %s', async (_what, headers, reason) => {
    expect(await read(mailOf(headers, LADDER))).toContainEqual({ type: 'left-out', reason })
  })

  test('leaves out a message that forwards and says nothing', async () => {
    const mail = mailOf({}, '---------- Forwarded message ---------\nFrom: Bob <bob@example.net>\n\nLook.')
    expect(await read(mail)).toContainEqual({ type: 'left-out', reason: 'no-text' })
  })

  test('reads encoded names and subjects, and makes a request of them', async () => {
    const mail = mailOf(
      { To: '=?utf-8?Q?J=C3=B6rg?= <j@example.net>', Subject: 'AW: =?utf-8?B?R3LDvMOfZQ==?=' },
      LADDER,
    )
    expect(await read(mail)).toContainEqual(
      expect.objectContaining({
        found: expect.objectContaining({ task: 'Answer an email from Jörg about this: Grüße' }),
      }),
    )
  })

  test('says of what is no message that it is none', async () => {
    expect(await read('no header at all')).toMatchObject([{ type: 'problem', place: 'message 1' }])
  })
})
