import type { TokenId } from '../token-id.ts'
import type { Region } from './answer-channels.ts'
import type { TagGrammar } from './channel-grammar.ts'
import { byteString } from './marker-tokens.ts'
import type { ToolCallSyntax } from './tool-calls/tool-call-syntax.ts'

/** What a marker does where it stands. `skip`: nothing, it is a second one of its kind. */
type MarkerAction = 'think' | 'end-think' | 'call' | 'end-call' | 'skip'

export interface Marker {
  readonly bytes: string
  readonly action: MarkerAction
}

/** The markers that count in one region. */
interface RegionRules {
  /** Markers that are one token. */
  readonly tokens: ReadonlyMap<TokenId, Marker>
  /** Markers that count when they are spelled: those that no token stands for, and some more. */
  readonly spelled: readonly Marker[]
  /** A JSON object here may be a call. */
  readonly bareJson: boolean
}

export type TagRegion = Exclude<Region, 'header'>
export type TagRules = Readonly<Record<TagRegion, RegionRules>>

/** Beginnings of a JSON object that calls a tool, without white space. */
const bareCalls = ['{"name":', '{"type":"function"', '{"function":'].map(byteString)

/** Whether an object that begins with `bytes` calls a tool: `perhaps` until there is enough of it. */
export function beginsBareCall(bytes: string): 'yes' | 'no' | 'perhaps' {
  const compact = bytes.replace(/\s+/g, '')
  if (bareCalls.some((call) => compact.startsWith(call))) return 'yes'
  return bareCalls.some((call) => call.startsWith(compact)) ? 'perhaps' : 'no'
}

/** The texts that a grammar's markers are written as. */
export function markerTexts({ thinking, tools }: TagGrammar): string[] {
  const ofThinking = thinking === null ? [] : [thinking.open, thinking.close]
  return [...ofThinking, ...(typeof tools === 'string' ? [] : markerTextsOf(tools))]
}

function markerTextsOf({ open, close }: ToolCallSyntax): string[] {
  return close === null ? [...open] : [...open, close]
}

/** A marker's text and what it does. */
type Wanted = readonly (readonly [string, MarkerAction])[]

export interface TagRulesOptions {
  /** The markers that are one token. */
  readonly single: ReadonlyMap<string, TokenId>
  /** What control tokens are written as of which others are partly made. */
  readonly partial: readonly string[]
  /** Else the answer has no calls, whatever the grammar knows. */
  readonly offersTools: boolean
}

/** What counts where. */
export function tagRules(
  { thinking, tools }: TagGrammar,
  { single, partial, offersTools }: TagRulesOptions,
): TagRules {
  const calls = offersTools && typeof tools !== 'string' ? tools : null
  const opens: Wanted = (calls?.open ?? []).map((text) => [text, 'call'])
  const closes: Wanted = typeof calls?.close === 'string' ? [[calls.close, 'end-call']] : []
  const thinks: Wanted = thinking === null ? [] : [[thinking.open, 'think']]
  const thinksAgain: Wanted = thinking === null ? [] : [[thinking.open, 'skip']]
  const endsThinking: Wanted = thinking === null ? [] : [[thinking.close, 'end-think']]
  const endsNothing: Wanted = thinking === null ? [] : [[thinking.close, 'skip']]
  const withTokens = (wanted: Wanted): Wanted =>
    wanted.filter(([text]) => single.has(text) || partial.some((control) => text.includes(control)))
  const mayBeSpelled = (text: string) =>
    !single.has(text) || (calls?.mayBeSpelled === true && markerTextsOf(calls).includes(text))
  const rules = (wanted: Wanted, bareJson = false): RegionRules => ({
    tokens: tokensOf(wanted, single),
    spelled: markersOf(wanted.filter(([text]) => mayBeSpelled(text))),
    bareJson,
  })
  const beforeText = rules([...thinks, ...endsNothing, ...opens], calls?.bareJson)
  return {
    start: beforeText,
    between: beforeText,
    // An answer may speak of a closing tag that it has to spell
    answer: rules([...thinks, ...withTokens(endsNothing), ...opens]),
    // Thoughts may speak of calls; only a token of the marker's own makes one there
    reasoning: {
      tokens: tokensOf([...endsThinking, ...thinksAgain, ...opens], single),
      spelled: markersOf(
        [...endsThinking, ...withTokens([...thinksAgain, ...opens])].filter(([text]) => !single.has(text)),
      ),
      bareJson: false,
    },
    tool_call: rules(closes),
  }
}

function markersOf(wanted: Wanted): Marker[] {
  return wanted.map(([text, action]) => ({ bytes: byteString(text), action }))
}

/** The markers that are one token. */
function tokensOf(wanted: Wanted, single: ReadonlyMap<string, TokenId>): Map<TokenId, Marker> {
  const tokens = new Map<TokenId, Marker>()
  for (const [text, action] of wanted) {
    const token = single.get(text)
    if (token !== undefined) tokens.set(token, { bytes: byteString(text), action })
  }
  return tokens
}

/** The first marker in `text` from `from`, the longest where several begin there; null when there is none. */
export function firstMarker(
  text: string,
  from: number,
  markers: readonly Marker[],
): { readonly at: number; readonly marker: Marker } | null {
  let first: { at: number; marker: Marker } | null = null
  for (const marker of markers) {
    const at = text.indexOf(marker.bytes, from)
    if (at === -1 || (first !== null && at > first.at)) continue
    if (first === null || at < first.at || marker.bytes.length > first.marker.bytes.length)
      first = { at, marker }
  }
  return first
}

/** The first index, not below `from`, from which the rest of `text` may become a marker. */
export function possibleMarker(text: string, from: number, markers: readonly Marker[]): number {
  const longest = Math.max(0, ...markers.map(({ bytes }) => bytes.length - 1))
  for (let at = Math.max(from, text.length - longest); at < text.length; at++) {
    const tail = text.slice(at)
    if (markers.some(({ bytes }) => bytes.startsWith(tail))) return at
  }
  return text.length
}
