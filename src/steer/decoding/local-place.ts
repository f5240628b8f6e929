import type { LocalContinuation, LocalRow } from '../local-pair.ts'
import type { TokenId } from '../token-id.ts'

/** A row of a local pair. */
export interface LocalPlace {
  readonly local: LocalContinuation
  readonly row: LocalRow
}

/** Behind the prompts. */
export async function rootOf(opening: LocalContinuation | Promise<LocalContinuation>): Promise<LocalPlace> {
  const local = await opening
  return { local, row: local.root }
}

/** The rows behind each of the tokens, in one pass. */
export async function rowsBelow(
  { local, row }: LocalPlace,
  tokens: readonly TokenId[],
): Promise<Map<TokenId, LocalRow>> {
  const tree = tokens.map((token) => ({ parent: row, token }))
  const rows = tree.length === 0 ? [] : await local.feedTree(tree)
  return new Map(tokens.map((token, at) => [token, rows[at] as LocalRow]))
}

/** Behind `tokens`, which are fed where there are any. */
export async function placeBelow(
  from: LocalPlace | Promise<LocalPlace>,
  tokens: readonly TokenId[],
): Promise<LocalPlace> {
  const { local, row } = await from
  if (tokens.length === 0) return { local, row }
  const rows = await local.feed(row, tokens)
  return { local, row: rows.at(-1) as LocalRow }
}
