import { filesHang } from '../../read-regular-file.ts'

/**
 * Ends the process with this exit code. While a file hangs it ends by force (SIGKILL, exit code 137), since
 * the ordinary way out waits for every thread that opens one.
 */
export function endProcess(code: number): never {
  if (filesHang()) process.kill(process.pid, 'SIGKILL')
  process.exit(code)
}
