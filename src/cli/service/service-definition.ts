// This room owns the gateway as a service of the user's system: what is written for systemd, launchd and the
// Windows task scheduler, and which of their commands are run. It must not know what the gateway does.

/** What a service manager has to know, whichever it is. */
export interface ServiceDefinition {
  /** Program and arguments, absolute paths. */
  readonly words: readonly string[]
  /** Environment variables that the user has set now. */
  readonly variables: Readonly<Record<string, string>>
  /** Time to end after SIGTERM, in seconds. */
  readonly stopSeconds: number
}

/** A program of the system with its arguments. */
export type SystemCommand = readonly [program: string, ...parameters: string[]]

/** How one service manager takes the service. */
export interface ServicePlan {
  /** The file that it reads, and what stands in it. */
  readonly file: string
  readonly content: string
  readonly encoding: 'utf8' | 'utf16le'
  readonly install: readonly SystemCommand[]
  /** Before the file is deleted, and after. */
  readonly remove: readonly SystemCommand[]
  readonly afterRemoval: readonly SystemCommand[]
  /** Says whether it runs: by its output. */
  readonly status: SystemCommand
  readonly runs: RegExp
  /** Further advice, in sentences. */
  readonly advice: string
}
