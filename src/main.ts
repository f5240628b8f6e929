#!/usr/bin/env node
import { createProgram, withCommand } from './cli/program.ts'
import { heedBrokenOutput } from './cli/terminal/broken-output.ts'
import { endProcess } from './cli/terminal/end-process.ts'
import { reportFailure } from './cli/terminal/report-failure.ts'
import { filesHang } from './read-regular-file.ts'

const words = withCommand(process.argv.slice(2))
const serves = words[0] === 'serve'
heedBrokenOutput({ serves })
await createProgram().parseAsync(words, { from: 'user' }).catch(reportFailure)
if (!serves && filesHang()) endProcess(0)
