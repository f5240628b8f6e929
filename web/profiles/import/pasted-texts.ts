/** Texts that were pasted one after the other, with a line of dashes between them. */
export function pastedTexts(pasted: string): readonly string[] {
  return pasted
    .replaceAll('\r\n', '\n')
    .split(/^[ \t]*[-–—_=*]{3,}[ \t]*$/m)
    .map((text) => text.trim())
    .filter((text) => text !== '')
}
