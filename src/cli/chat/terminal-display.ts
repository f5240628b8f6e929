import type { Command } from 'commander'
import { writeRemark, writeText } from '../terminal/command-output.ts'
import type { Paint } from '../terminal/terminal-style.ts'
import { AnswerColumns, fitsColumns, type TerminalSize } from './answer-columns.ts'
import { AnswerPieces } from './answer-pieces.ts'
import type { ChatAnswer } from './chat-answer.ts'
import {
  type AnswerDisplay,
  type ChatDisplay,
  type ComparisonDisplay,
  steeredHeading,
  UNSTEERED_HEADING,
} from './chat-display.ts'
import type { MarkedPiece } from './marked-text.ts'
import { WrappedText } from './wrapped-text.ts'

export interface TerminalDisplayOptions {
  /** Null where the output is no terminal. */
  readonly terminal: TerminalSize | null
  readonly paint: Paint
}

/**
 * Prints answers as they come: a comparison in two columns where the terminal has room, else one below the
 * other. In a terminal lines break between words. Thoughts are shown in a terminal only.
 */
export function terminalDisplay(command: Command, { terminal, paint }: TerminalDisplayOptions): ChatDisplay {
  const write = (text: string) => writeText(command, text)
  const below = (heading: string | null, isMarked: boolean): AnswerDisplay => {
    const pieces = new AnswerPieces()
    const wrapped = terminal === null ? null : new WrappedText(terminal.columns)
    const show = (printed: readonly MarkedPiece[]) => {
      for (const { text, style } of printed) write(style === null ? text : paint(style, text))
    }
    const print = (printed: readonly MarkedPiece[]) => show(wrapped?.add(printed) ?? printed)
    return {
      begin: () => heading !== null && write(`${paint('bold', `--- ${heading}`)}\n`),
      onText: (text) => print(pieces.text(text)),
      ...(terminal !== null && { onThought: (text) => print(pieces.thought(text)) }),
      onCall: (call) => print(pieces.call(call)),
      ...(isMarked && { onTrace: (trace) => pieces.addTrace(trace) }),
      end(answer) {
        print(pieces.end())
        show(wrapped?.end() ?? [])
        write('\n')
        for (const remark of remarks(answer)) writeRemark(command, `(${remark})`)
      },
    }
  }
  return {
    answer: () => below(null, false),
    comparison(profile) {
      const headings = [UNSTEERED_HEADING, steeredHeading(profile)] as const
      if (terminal !== null && fitsColumns(terminal)) {
        return columnsDisplay(new AnswerColumns(terminal, write, paint), { headings, command })
      }
      const isMarked = terminal !== null
      return {
        unsteered: below(headings[0], false),
        steered: below(headings[1], isMarked),
        atOnce: false,
      }
    },
  }
}

function columnsDisplay(
  columns: AnswerColumns,
  { headings, command }: { readonly headings: readonly [string, string]; readonly command: Command },
): ComparisonDisplay {
  columns.heading(...headings)
  const ended: string[] = []
  let open = 2
  const side = (index: 0 | 1): AnswerDisplay => {
    const pieces = new AnswerPieces()
    return {
      onText: (text) => columns.add(index, pieces.text(text)),
      onThought: (text) => columns.add(index, pieces.thought(text)),
      onCall: (call) => columns.add(index, pieces.call(call)),
      ...(index === 1 && { onTrace: (trace) => pieces.addTrace(trace) }),
      end(answer) {
        columns.add(index, pieces.end())
        columns.end(index)
        ended.push(...remarks(answer).map((remark) => `(${headings[index]}: ${remark})`))
        open -= 1
        // A remark in between would stand in the way of the rows that are drawn again
        if (open === 0) for (const line of ended) writeRemark(command, line)
      },
    }
  }
  return { unsteered: side(0), steered: side(1), atOnce: true }
}

const endings: Readonly<Record<string, string>> = {
  length: 'cut at --tokens',
  tool_calls: 'the model waits for its tools, which this chat does not run',
}

function remarks({ finish_reason: reason, steering }: ChatAnswer): string[] {
  return [
    ...(reason === 'stop' ? [] : [endings[reason] ?? reason]),
    ...(steering.startsWith('bypassed') ? [`unsteered: ${steering}`] : []),
  ]
}
