import { Command } from 'commander'
import { addImportCommand } from './import.ts'
import { addModelsCommand } from './models.ts'
import { addProfilesCommand } from './profiles.ts'
import { addPullCommand } from './pull.ts'
import { addServeCommand } from './serve.ts'
import { addTraceCommand } from './trace.ts'

/** The `costeer` command line with all its subcommands. */
export function createProgram(): Command {
  const program = new Command('costeer')
    .description(
      'A local OpenAI-compatible gateway that personalises answers and keeps the profile on this machine.',
    )
    .showHelpAfterError('(costeer --help shows all commands)')
  addServeCommand(program)
  addPullCommand(program)
  addImportCommand(program)
  addModelsCommand(program)
  addProfilesCommand(program)
  addTraceCommand(program)
  return program
}
