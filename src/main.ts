#!/usr/bin/env node
import { createProgram, withCommand } from './cli/program.ts'
import { reportFailure } from './cli/terminal/report-failure.ts'

await createProgram()
  .parseAsync(withCommand(process.argv.slice(2)), { from: 'user' })
  .catch(reportFailure)
