#!/usr/bin/env node
import { createProgram } from './cli/program.ts'
import { reportFailure } from './cli/report-failure.ts'

await createProgram().parseAsync().catch(reportFailure)
