import type { ThinkingControl } from '../../slm/channels/thinking-control.ts'
import type { JsonObject } from '../../steer/chat-prompt.ts'
import type { TokenId } from '../../steer/token-id.ts'

/** What a request says of the model's thoughts. */
export interface ThinkingRequest {
  /** Whether it is to think; undefined leaves that to the model. */
  readonly thinks?: boolean
  /** How much; `none` is not to think. */
  readonly effort?: string
  /** Named values for the chat template, passed on as they are; they win over all others. */
  readonly templateKwargs?: JsonObject
}

/** What decides whether an upstream thinks where a request does not. */
export interface UpstreamThinking {
  readonly control: ThinkingControl
  /** `thinking` of its configuration. */
  readonly configured: 'auto' | 'off'
}

interface TemplateArguments {
  /** Undefined for none. */
  readonly templateKwargs?: JsonObject
  /** What stands behind the rendered prompt. */
  readonly ending: readonly TokenId[]
}

/** Arguments by which templates are told whether to think. */
const switches = ['enable_thinking', 'thinking', 'thinking_budget']

/**
 * What the upstream's template is told. `configured` counts where the request says nothing of whether to
 * think.
 */
export function templateArguments(
  { thinks, effort, templateKwargs = {} }: ThinkingRequest,
  { control, configured }: UpstreamThinking,
): TemplateArguments {
  const asked = thinks ?? (effort === 'none' ? false : undefined)
  const saysItself = effort !== undefined || switches.some((name) => Object.hasOwn(templateKwargs, name))
  const wanted = asked ?? (configured === 'off' && !saysItself ? false : undefined)
  const known = control.switch.arguments
  const kwargs = {
    ...(wanted === undefined ? {} : known?.[wanted ? 'on' : 'off']),
    ...(effort === undefined || effort === 'none' ? {} : { reasoning_effort: effort }),
    ...templateKwargs,
  }
  return {
    ...(Object.keys(kwargs).length === 0 ? {} : { templateKwargs: kwargs }),
    ending: wanted === false ? control.ending : [],
  }
}
