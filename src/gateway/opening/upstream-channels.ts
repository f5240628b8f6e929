import type { ModelText } from '../../models/model-text.ts'
import { recogniseChannels } from '../../slm/channels/recognise-channels.ts'
import { channelGrammar } from '../../steer/channels/channel-families.ts'
import { type ChannelGrammar, thinks } from '../../steer/channels/channel-grammar.ts'
import { openChannels } from '../../steer/channels/open-channels.ts'
import type { ReadableChannels, UpstreamChannels } from '../answering/answer-pieces.ts'

export interface ChannelSigns {
  /** The grammar that the configuration names, if any: `channelGrammar` knows it. */
  readonly configured: string | undefined
  /** Jinja source; null where the model has none. */
  readonly template: string | null
  readonly text: Pick<ModelText, 'vocabulary' | 'controlTokens'>
}

/** Tells them by what the configuration names, else by the chat template and the tokens. */
export function upstreamChannels({ configured, template, text }: ChannelSigns): UpstreamChannels {
  const named = configured === undefined ? null : channelGrammar(configured)
  if (named !== null) return readable(named, text)
  if (template === null) return null
  const recognised = recogniseChannels({ template, tokens: text })
  return recognised.ok ? readable(recognised.grammar, text) : recognised.reason
}

function readable(grammar: ChannelGrammar, text: ChannelSigns['text']): ReadableChannels | null {
  const calls = grammar.type === 'harmony' || typeof grammar.tools === 'object'
  if (!thinks(grammar) && !calls) return null
  const { withTools, withoutTools } = openChannels(grammar, text)
  return { grammar, withTools: calls ? withTools : null, withoutTools: thinks(grammar) ? withoutTools : null }
}
