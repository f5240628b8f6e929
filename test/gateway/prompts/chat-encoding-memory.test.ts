import { describe, expect, test } from 'vitest'
import { ChatEncodingMemory } from '../../../src/gateway/prompts/chat-encoding-memory.ts'
import { unguarded } from '../../../src/guard/public.ts'
import { foregroundTokenizer } from '../../../src/slm/encoding-thread/background-tokenizer.ts'
import type { Tokenizer } from '../../../src/slm/text/tokenizer.ts'
import type { ChatMessage, ChatPrompt } from '../../../src/steer/chat-prompt.ts'
import { tokenId } from '../../../src/steer/token-id.ts'
import type { Upstream } from '../../../src/steer/upstream.ts'
import { letterVocabulary, randomModel, TableUpstream } from '../../steer/table-models.ts'

type Template = (messages: readonly ChatMessage[]) => string

function encode(text: string) {
  return Array.from(text, (character) => tokenId(character.codePointAt(0) ?? 0))
}
const plain: Template = (messages) => messages.map(({ role, content }) => `<${role}>${content}`).join('')
const trimming: Template = (messages) =>
  messages.map(({ role, content }) => `<${role}>${content.trim()}`).join('')

function memoryOf({ server, local = plain }: { server: Template; local?: Template }) {
  const asked: (readonly ChatMessage[])[] = []
  const upstream: Upstream = Object.assign(new TableUpstream(randomModel(1, 9, 4), letterVocabulary(9)), {
    encodeChat: async ({ messages }: ChatPrompt) => {
      asked.push(messages)
      return encode(server(messages))
    },
  })
  const tokenizer: Tokenizer = {
    promptStart: [],
    encode,
    encodePrompt: encode,
    encodeChat: (messages) => encode(local(messages)),
  }
  const memory = new ChatEncodingMemory(upstream, foregroundTokenizer(tokenizer))
  const { signal } = new AbortController()
  return { asked, tokens: (...messages: ChatMessage[]) => memory.encode(unguarded({ messages }), signal) }
}

function user(content: string): ChatMessage {
  return { role: 'user', content }
}

describe('encoding a conversation', () => {
  test('asks the upstream once for each kind of conversation that both encode alike', async () => {
    const { asked, tokens } = memoryOf({ server: plain })
    for (const word of ['one', 'two', 'three']) {
      expect(await tokens(user(word))).toEqual(encode(plain([user(word)])))
    }
    expect(asked).toHaveLength(1)
    await tokens({ role: 'system', content: 'Be brief.' }, user('one'))
    expect(asked).toHaveLength(2)
  })

  test('is always left to an upstream whose template differs, or that the local one refuses', async () => {
    const refusing: Template = () => {
      throw new Error('refused')
    }
    for (const local of [refusing, (messages: readonly ChatMessage[]) => `${plain(messages)}!`]) {
      const { asked, tokens } = memoryOf({ server: plain, local })
      for (const word of ['one', 'two']) expect(await tokens(user(word))).toEqual(encode(plain([user(word)])))
      expect(asked).toHaveLength(2)
    }
  })

  test('does not conclude from tidy texts to those that templates tidy up', async () => {
    const { tokens } = memoryOf({ server: trimming })
    await tokens(user('tidy'))
    for (const text of [' untidy', 'untidy\n']) {
      expect(await tokens(user(text))).toEqual(encode(trimming([user(text)])))
    }
  })
})
