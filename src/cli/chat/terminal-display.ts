import type { Command } from 'commander'
import { writeRemark, writeText } from '../terminal/command-output.ts'
import type { Paint } from '../terminal/terminal-style.ts'
import { AnswerColumns, fitsColumns, type TerminalSize } from './answer-columns.ts'
import type { ChatAnswer } from './chat-answer.ts'
import {
  type AnswerDisplay,
  type ChatDisplay,
  type ComparisonDisplay,
  steeredHeading,
  UNSTEERED_HEADING,
} from './chat-display.ts'
import { MarkedText } from './marked-text.ts'

export interface TerminalDisplayOptions {
  /** Null where the output is no terminal. */
  readonly terminal: TerminalSize | null
  readonly paint: Paint
}

/**
 * Prints answers as they come: a comparison in two columns where the terminal has room, else one below the
 * other.
 */
export function terminalDisplay(command: Command, { terminal, paint }: TerminalDisplayOptions): ChatDisplay {
  const write = (text: string) => writeText(command, text)
  const below = (heading: string | null, isMarked: boolean): AnswerDisplay => {
    const marked = new MarkedText()
    return {
      begin: () => heading !== null && write(`${paint('bold', `--- ${heading}`)}\n`),
      onText(text) {
        for (const { text: piece, moved } of marked.addText(text))
          write(moved ? paint('moved', piece) : piece)
      },
      ...(isMarked && { onTrace: (trace) => marked.addTrace(trace) }),
      end(answer) {
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
    const marked = new MarkedText()
    return {
      onText: (text) => columns.add(index, marked.addText(text)),
      ...(index === 1 && { onTrace: (trace) => marked.addTrace(trace) }),
      end(answer) {
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

function remarks({ finish_reason: reason, steering }: ChatAnswer): string[] {
  const cut = reason === 'length' ? 'cut at --tokens' : reason
  return [
    ...(reason === 'stop' ? [] : [cut]),
    ...(steering.startsWith('bypassed') ? [`unsteered: ${steering}`] : []),
  ]
}
