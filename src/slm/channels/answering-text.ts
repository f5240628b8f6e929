import type { TokenSide } from '../../steer/alignment/vocabulary-alignment.ts'
import type { BackgroundTokenizer } from '../encoding-thread/background-tokenizer.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { recogniseChannels } from './recognise-channels.ts'
import { type ThinkingControl, thinkingControl } from './thinking-control.ts'

interface ChatText extends TokenSide {
  readonly tokenizer: Tokenizer
  readonly background: BackgroundTokenizer
  readonly chatTemplate: string | null
}

/**
 * A model's text side whose conversations end where the answer begins: thinking is
 * switched off as the template knows it, and a block of thoughts that it opens all the
 * same is closed. The same object for a model that does not think.
 */
export function answeringText<Text extends ChatText>(text: Text): Text {
  const { chatTemplate: template, tokenizer, background } = text
  const recognised = template === null ? null : recogniseChannels({ template, tokens: text })
  const grammar = recognised?.ok === true ? recognised.grammar : null
  const control = thinkingControl({ template, grammar, tokenizer })
  if (control.switch.arguments === null && control.ending.length === 0) return text
  return {
    ...text,
    tokenizer: answering(tokenizer, control),
    background: {
      run: (work, options) => background.run((inner) => work(answering(inner, control)), options),
      close: () => background.close(),
    },
  }
}

function answering(
  tokenizer: Tokenizer,
  { switch: { arguments: known }, ending }: ThinkingControl,
): Tokenizer {
  return {
    promptStart: tokenizer.promptStart,
    encode: (text, options) => tokenizer.encode(text, options),
    encodePrompt: (text, options) => tokenizer.encodePrompt(text, options),
    encodeChat(messages, options = {}) {
      const templateKwargs = { ...options.templateKwargs, ...known?.off }
      return [...tokenizer.encodeChat(messages, { ...options, templateKwargs }), ...ending]
    },
  }
}
