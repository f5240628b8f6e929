declare const brand: unique symbol

/** Text in which aliases stand for all private values: it may leave. Only a guard makes it. */
export type PublicText = string & { readonly [brand]: 'PublicText' }

/** Trusts a text to hold nothing private. For the guard alone. */
export function asPublicText(text: string): PublicText {
  return text as PublicText
}
