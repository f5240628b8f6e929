/** A longer line is no part of a program's own marks. */
const LONGEST_MARK = 300
const QUOTED = /^\s*>/

/** How programs introduce what they quote, as far as the end of the line. */
const attributions = [
  /^\W{0,4}(?:On|Am|Le|El|Il|Em|Op|Den|På|W dniu|Dnia|Dne|Pe)\b.{5,250}\b(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napisał(?:\(a\)|a)?|pisze|napsal\(?a?\)?|kirjoitti)\b.{0,150}:\s*$/u,
  /^\s*在.{3,200}写道[:：]\s*$/u,
  /^\s*\d{4}.{3,200}(?:のメッセージ|作成|작성)[:：]\s*$/u,
]

/** The same, where it begins with the name. */
const NAMED_FIRST =
  /^.{3,200}<\S+@\S+>\s*(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev)\s?:\s*$/u

/** What only a program writes about a message: an address, or a time of day. */
const SENT = /@|\d[:.h]\d{2}/

/** Lines behind which everything is somebody else's, or a forwarded message. */
const endings = [
  /^\s*-{2,}\s*(?:original message|original appointment|ursprüngliche nachricht|message d['’]origine|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|oprindelig meddelelse|ursprungligt meddelande|forwarded message|forwarded by|weitergeleitete nachricht|message transféré|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht)\b.*$/iu,
  /^\s*(?:begin forwarded message|anfang der weitergeleiteten nachricht|début du message réexpédié|inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht)\s*:\s*$/iu,
]

/** A signature's separator, and what telephones add. */
const signatures = [
  /^-- ?$/iu,
  /^\s*(?:sent from|sent via|get outlook for|gesendet von|von meinem .{1,40} gesendet|envoyé (?:de|depuis|à partir de) |enviado (?:desde|do) |inviato da |verzonden (?:vanaf|met) |verstuurd vanaf |skickat från |sendt fra |wysłane z )/iu,
  /^\s*von .{1,60} gesendet\s*$/iu,
]

const HEADER_FROM = /^\W{0,4}(?:from|von|de|da|van|od|från|fra)\s?:\W{0,3}.{2,}/iu
const HEADER_OTHER =
  /^\W{0,4}(?:sent|date|to|subject|gesendet|datum|an|betreff|envoyé|objet|à|enviado|para|asunto|inviato|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|wysłano|do|temat)\s?:/iu
const HEADER_LINES = 4

/** Wrapped text has lines of nearly this length, and none much longer. */
const [SHORTEST_WRAPPED, LONGEST_WRAPPED] = [58, 82]

/**
 * What the sender of a mail wrote: without quoted lines and their introductions, forwarded messages, and
 * what stands below a signature's separator. Greeting and sign-off stay, since they show the person;
 * libraries for replies cut them. Wrapped lines become paragraphs again.
 */
export function ownMailText(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/\u00a0/g, ' ')
    .split('\n')
  const own: string[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string
    if (QUOTED.test(line)) continue
    if (line.length <= LONGEST_MARK) {
      if (isAmong(endings, line) || beginsHeaders(lines, index)) break
      // Quotes may stand above what the sender wrote below.
      const introduced = attributionLines(lines, index)
      if (introduced > 0 && isQuotedBehind(lines, index + introduced)) {
        index += introduced - 1
        continue
      }
      if (introduced > 0 && SENT.test(lines.slice(index, index + introduced).join(' '))) break
      if (isAmong(signatures, line)) {
        if (line.startsWith('--')) break
        continue
      }
    }
    own.push(line.trimEnd())
  }
  return unwrapped(own)
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function isAmong(marks: readonly RegExp[], line: string): boolean {
  return marks.some((mark) => mark.test(line))
}

/** How many lines introduce a quote here; programs wrap the introduction. */
function attributionLines(lines: readonly string[], index: number): number {
  if (NAMED_FIRST.test(lines[index] as string)) return 1
  for (const count of [1, 2, 3]) {
    const inside = lines.slice(index, index + count)
    const joined = inside.join(' ')
    if (joined.length > LONGEST_MARK || inside.some((line) => line.trim() === '')) return 0
    if (isAmong(attributions, joined)) return count
  }
  return 0
}

function isQuotedBehind(lines: readonly string[], index: number): boolean {
  const next = lines.slice(index, index + HEADER_LINES).find((line) => line.trim() !== '')
  return next !== undefined && QUOTED.test(next)
}

/** Whether the header of a quoted message begins here, as Outlook writes it. */
function beginsHeaders(lines: readonly string[], index: number): boolean {
  if (!HEADER_FROM.test(lines[index] as string)) return false
  const next = lines.slice(index + 1, index + 1 + HEADER_LINES)
  return next.filter((line) => HEADER_OTHER.test(line)).length >= 2
}

/** Joins lines that a mail program broke; lists, verses and addresses keep their lines. */
function unwrapped(lines: readonly string[]): string {
  return lines
    .join('\n')
    .split(/\n{2,}/)
    .map((paragraph) => {
      const inside = paragraph.split('\n')
      const isWrapped = inside.every(
        (line, index) =>
          line.length <= LONGEST_WRAPPED && (index === inside.length - 1 || line.length >= SHORTEST_WRAPPED),
      )
      return isWrapped && !inside.some((line) => /^\s*(?:[-*•]|\d+[.)])\s/.test(line))
        ? inside.map((line) => line.trim()).join(' ')
        : paragraph
    })
    .join('\n\n')
}
