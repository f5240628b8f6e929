import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino'

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** Fields that never reach the log, should a caller hand over a whole object by mistake. */
const redacted = ['authorization', 'messages', 'content', 'prompt', 'profile', 'text', 'body', 'key']

export interface LoggerOptions {
  readonly level: LogLevel
  /** Default: standard error, so that standard output stays free for commands. */
  readonly destination?: DestinationStream
}

/** The program's logger: one JSON object a line. */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), remove: true },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  )
}
