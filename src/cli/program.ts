// This room owns the command line: one file a subcommand, and a folder of the same name for what it alone
// needs. It knows the gateway's HTTP API, or opens a gateway as a whole; it must not reach into how answers
// are made.

import { Command } from 'commander'
import { addBenchCommand } from './bench.ts'
import { addChatCommand } from './chat.ts'
import { addCompletionCommand } from './completion.ts'
import { addDoctorCommand } from './doctor.ts'
import { addEvalCommand } from './eval.ts'
import { addImportCommand } from './import.ts'
import { addInitCommand } from './init.ts'
import { ownVersion } from './installation/own-manifest.ts'
import { addUpdateCommand } from './installation/update-command.ts'
import { addModelsCommand } from './models.ts'
import { addProfilesCommand } from './profiles.ts'
import { addPullCommand } from './pull.ts'
import { addServeCommand } from './serve.ts'
import { addServiceCommand } from './service/service-command.ts'
import { addTraceCommand } from './trace.ts'
import { addTuneCommand } from './tune.ts'

/** The `costeer` command line with all its subcommands. */
export function createProgram(): Command {
  const program = new Command('costeer')
    .description(
      'A local OpenAI-compatible gateway that personalises answers and keeps the profile on this machine.',
    )
    .version(ownVersion())
    .showHelpAfterError('(costeer --help shows all commands)')
  addServeCommand(program)
  addChatCommand(program)
  addInitCommand(program)
  addDoctorCommand(program)
  addPullCommand(program)
  addImportCommand(program)
  addModelsCommand(program)
  addProfilesCommand(program)
  addTraceCommand(program)
  addBenchCommand(program)
  addEvalCommand(program)
  addTuneCommand(program)
  addServiceCommand(program)
  addUpdateCommand(program)
  addCompletionCommand(program)
  return program
}

/**
 * The words of a command line with its command: `serve` where none is named. Done here and not by commander,
 * which would take a misspelt command for a superfluous word of `serve` instead of suggesting the right one.
 */
export function withCommand(words: readonly string[]): string[] {
  const [first] = words
  const asksForHelp = first !== undefined && ['-h', '--help', '-V', '--version'].includes(first)
  return first === undefined || (first.startsWith('-') && !asksForHelp) ? ['serve', ...words] : [...words]
}
