// Records what a running llama-server encodes, as an oracle for our tokenizer on real vocabularies.
// usage: record-server-tokens.mjs NAME PORT       (adds NAME to test/fixtures/server-tokens.json)
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const [name, port] = process.argv.slice(2)
function fixture(file) {
  return new URL(`../test/fixtures/${file}`, import.meta.url)
}
const { smollm } = JSON.parse(readFileSync(fixture('tokenizers.json'), 'utf8'))

async function ask(path, body) {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify(body) })
  if (!reply.ok) throw new Error(`${path} answered ${reply.status}`)
  return reply.json()
}

const texts = []
for (const [text] of smollm.texts) {
  // llama.cpp leaves decomposed characters as they are, Hugging Face composes them for some models
  if (text !== text.normalize('NFC')) continue
  const { tokens } = await ask('/tokenize', { content: text, add_special: false, parse_special: false })
  texts.push([text, tokens])
}
const chats = []
for (const [messages] of smollm.chats) {
  const { prompt } = await ask('/apply-template', { messages })
  const { tokens } = await ask('/tokenize', { content: prompt, add_special: false, parse_special: true })
  chats.push([messages, tokens])
}

const target = fixture('server-tokens.json')
const recorded = existsSync(target) ? JSON.parse(readFileSync(target, 'utf8')) : {}
writeFileSync(target, `${JSON.stringify({ ...recorded, [name]: { texts, chats } })}\n`)
